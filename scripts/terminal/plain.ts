/** A line as it can be shown: what jobs bring along must not steer the terminal of who looks at them. */
export const plain = (line: string): string => line.replace(/\p{Cc}/gu, ' ')

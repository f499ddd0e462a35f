import { visible } from '../../../console/visible.ts'

/**
 * A line as it can be shown: what jobs bring along must not steer the terminal of who looks at them, nor hide in it. It
 * stays one line.
 */
export const plain = (line: string): string => visible(line.replace(/[\t\n\r]/g, ' '))

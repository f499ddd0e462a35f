/** Prints a line, or several. A reader that has gone is no reason to end. */
export const say = (text: string): void => void process.stdout.write(`${text}\n`)

/** A word as a shell has it, for commands that a person is to copy. */
export const inShell = (word: string): string => `'${word.replaceAll(`'`, `'\\''`)}'`

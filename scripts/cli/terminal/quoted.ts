/** A text as SQL has it, for statements that a person is to copy. */
export const quoted = (text: string): string => `'${text.replaceAll(`'`, `''`)}'`

/** The words of a text, as written. Numbers count; "don't" and "well-known" are one word each. */
export const wordsOf = (text: string): string[] => text.match(/[\p{L}\p{N}]+(?:['’.-][\p{L}\p{N}]+)*/gu) ?? []

/** The sentences of a text. What has no word in it is none. */
export const sentencesOf = (text: string): string[] =>
  text.split(/(?<=[.!?…]["'”’)]*)\s+/u).filter((part) => wordsOf(part).length > 0)

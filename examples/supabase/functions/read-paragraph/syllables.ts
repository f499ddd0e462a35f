/** How many syllables an English word has, about: its groups of vowels, without an ending that is not spoken. */
export function syllablesOf(word: string): number {
  const letters = word.normalize('NFD').toLowerCase().replace(/[^a-z]/g, '')
  const groups = letters.match(/[aeiouy]+/g)?.length ?? 0
  return Math.max(1, hasSilentEnding(letters) ? groups - 1 : groups)
}

/** As in "time", "times" and "timed"; not as in "table", "boxes" and "wanted". */
const hasSilentEnding = (letters: string): boolean =>
  /[^aeiouyl]e$/.test(letters) || /[^aeioucghsxyz]es$/.test(letters) || /[^aeiouydt]ed$/.test(letters)

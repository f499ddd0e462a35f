// Joined emoji, and those that ask to be drawn in color: there the invisible characters are what they are for.
const EMOJI =
  '\\p{Extended_Pictographic}\\p{Emoji_Modifier}?\\ufe0f?(?:\\u200d\\p{Extended_Pictographic}\\p{Emoji_Modifier}?\\ufe0f?)*|[#*0-9]\\ufe0f\\u20e3'

// Control and format characters, those of bidirectional text among them, what a font may leave out, what ends a line
// where nobody expects it, the blank of Braille, and halves of characters.
const INVISIBLE = '[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}\\p{Default_Ignorable_Code_Point}\\u2800]'

const SEEN = new RegExp(`(${EMOJI})|${INVISIBLE}`, 'gu')

/**
 * A text in which nothing is hidden and nothing steers who shows it: what cannot be seen, or would change the order of
 * what is around it, stands there by its number, as JSON writes it. So JSON stays the same JSON.
 */
export const visible = (text: string): string =>
  text.replace(SEEN, (found, emoji) => emoji ?? found.split('').map(numberOf).join(''))

/** The same for a text of several lines, which may have tabs in it. */
export const visibleLines = (text: string): string =>
  text.replace(SEEN, (found) => found === '\n' || found === '\t' ? found : visible(found))

const numberOf = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`

/** JSON that would unfold, or that nobody could read: what it is, and its text. Each is of a few bytes in a table. */
export const bombs: [what: string, json: string][] = [
  ['a number with 131,072 digits', '1e131071'],
  ['one below zero', '-9e131071'],
  ['one just beyond a double', '1.9e308'],
  ['a tiny one', '1e-16383'],
  ['one just smaller than any double', '1e-342'],
  ['a zero with 16,383 decimal places', '0e-16383'],
  ['a one with 16,383 decimal places', `1.${'0'.repeat(16_383)}`],
  ['a number deep inside', `{"a": [{"b": [1, "x", {"c": 1e131071}]}]}`],
  ['many of them', `[${Array(8300).fill('1e131071').join(',')}]`],
  ['one behind many that are fine', `[${Array(500).fill('1.5').join(',')}, 0e-400]`],
  ['nesting of arrays', `${'['.repeat(502)}1${']'.repeat(502)}`],
  ['nesting of objects', `${'{"a":'.repeat(502)}1${'}'.repeat(502)}`],
]

/** Numbers and depths at the limits of what is taken. */
export const fits = [
  '0',
  '-0.0',
  '17',
  '1.7976931348623157e308',
  '-1.7976931348623157e308',
  '5e-324',
  '4.9406564584124654e-324',
  '123456789012345678901234567890123456789012345678901234567890',
  '3.14159265358979323846264338327950288419716939937510582097',
  `${'['.repeat(500)}${']'.repeat(500)}`,
]

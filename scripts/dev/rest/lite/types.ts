import pg from 'pg'

type Parser = (text: string) => unknown

const asItIs: Parser = (text) => text
const iso: Parser = (text) => text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00')

// By oid. What JSON has no form for stays as Postgres writes it, and dates get the form they have in JSON made by
// Postgres.
const parsers: Record<number, Parser> = {
  16: (text) => text === 't',
  20: (text) => Number.isSafeInteger(Number(text)) ? Number(text) : text,
  21: Number,
  23: Number,
  26: Number,
  114: JSON.parse,
  700: Number,
  701: Number,
  1114: iso,
  1184: iso,
  1700: (text) => String(Number(text)) === text ? Number(text) : text,
  3802: JSON.parse,
}
const textArray: number = 1009

// Of names (which the driver does not know), booleans, integers, texts, floats and uuids.
const arrays: Record<number, Parser> = {
  1003: pg.types.getTypeParser(textArray),
  ...Object.fromEntries(
    [1000, 1005, 1007, textArray, 1015, 1016, 1021, 1022, 2951].map((oid) => [oid, pg.types.getTypeParser(oid)]),
  ),
}

/** How a value that came as text is read. */
export const parserOf = (oid: number): Parser => parsers[oid] ?? arrays[oid] ?? asItIs

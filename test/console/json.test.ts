import { describe, expect, test } from 'vitest'
import { pretty, scalarText } from '../../console/json.ts'
import { readPayload } from '../../console/payload.ts'

describe('JSON text with a value on each line', () => {
  test.for<[string, unknown]>([
    ['an empty object', {}],
    ['an empty list', []],
    ['lists within lists', [[], [[1, 2], {}], [{ a: [] }]]],
    ['texts that look like its signs', { '{': '[1, 2]', 'a"b\\': '"\\"', ':': ',' }],
    ['scalars', [null, true, false, -1.5e-7, 0, 'a b']],
    ['a text alone', 'a "b"'],
    ['a number alone', 17],
  ])('is what JSON.stringify makes of it: %s', ([, value]) => {
    expect(pretty(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2))
    expect(pretty(pretty(JSON.stringify(value)))).toBe(JSON.stringify(value, null, 2))
  })

  test('but no number loses digits', () => {
    expect(pretty('{"id": 12345678901234567890, "share": 0.10000000000000000000001}'))
      .toBe('{\n  "id": 12345678901234567890,\n  "share": 0.10000000000000000000001\n}')
  })
})

test.for([
  ['12345678901234567890', '12345678901234567890'],
  ['-0.5e3', '-0.5e3'],
  ['true', 'true'],
  ['null', 'null'],
  ['"yes"', '"yes"'],
  ['yes', '"yes"'],
  ['"yes', '"\\"yes"'],
  ['{"a": 1}', '"{\\"a\\": 1}"'],
  ['007', '"007"'],
  ['0x10', '"0x10"'],
])('what is typed as %s is the value %s', ([typed, text]) => {
  expect(scalarText(typed!)).toBe(text)
})

test('ids of many digits are looked for to the letter', () => {
  expect(readPayload('user.id=12345678901234567890')).toEqual({ payload: '{"user":{"id":12345678901234567890}}' })
  expect(readPayload('user.id>12345678901234567890')).toEqual({ where: '$."user"."id" > 12345678901234567890' })
})

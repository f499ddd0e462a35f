import { afterEach, describe, expect, test, vi } from 'vitest'
import { readBytes } from '../../../../../supabase/functions/supaqueue/wake/wake_up.ts'
import { makeVerify } from '../../../../../supabase/functions/supaqueue/signature/verify.ts'
import { makeWakeUp, secret, sign } from '../support/wake_up.ts'

const now = 1_800_000_000_000
const at = now / 1000

const makeDoor = ({ skew = () => Promise.resolve(0), secrets = [secret] } = {}) => {
  const verify = makeVerify({ now: () => now, skew })
  return async (request: Request) => await verify(request, await readBytes(request), secrets)
}

afterEach(() => vi.restoreAllMocks())

describe('a wake-up is let in', () => {
  test('when the database signed it just now', async () => {
    await expect(makeDoor()(makeWakeUp({ at }))).resolves.toBeUndefined()
  })

  test('when its timestamp is a whole second', async () => {
    const body = '{"queue": "q"}'
    const headers = { 'supaqueue-timestamp': String(at), 'supaqueue-signature': sign(String(at), body) }

    await expect(makeDoor()(makeWakeUp({ body, headers }))).resolves.toBeUndefined()
  })

  test('when one of its signatures is good', async () => {
    const good = makeWakeUp({ at, body: '{}' }).headers.get('supaqueue-signature')
    const headers = { 'supaqueue-signature': `v2=abc v1=${'0'.repeat(64)} ${good}` }

    await expect(makeDoor()(makeWakeUp({ at, body: '{}', headers }))).resolves.toBeUndefined()
  })

  test('when it is signed with the previous secret, while that one is known', async () => {
    const previous = 'the secret before this one'

    await expect(makeDoor({ secrets: [secret, previous] })(makeWakeUp({ at, key: previous }))).resolves.toBeUndefined()
    await expect(makeDoor()(makeWakeUp({ at, key: previous }))).rejects.toMatchObject({ code: 'SQ401' })
  })

  test('when it has the letters of any language, since the signature is over the bytes', async () => {
    await expect(makeDoor()(makeWakeUp({ at, body: '{"queue":"ключ 🔑"}' }))).resolves.toBeUndefined()
  })

  test.each([299, -299])('when it is %d seconds old, without asking the database', async (age) => {
    const skew = vi.fn(() => Promise.resolve(0))

    await expect(makeDoor({ skew })(makeWakeUp({ at: at - age }))).resolves.toBeUndefined()
    expect(skew).not.toHaveBeenCalled()
  })

  test("when the database's clock is an hour off, and it is fresh by that clock", async () => {
    const skew = () => Promise.resolve(3_600_000)

    await expect(makeDoor({ skew })(makeWakeUp({ at: at + 3600 }))).resolves.toBeUndefined()
  })
})

describe('a wake-up is refused', () => {
  const refusals: [string, Request, string][] = [
    ['without a timestamp', makeWakeUp({ headers: { 'supaqueue-timestamp': '' } }), 'SQ401'],
    ['with a timestamp that is none', makeWakeUp({ headers: { 'supaqueue-timestamp': '1e9' } }), 'SQ401'],
    ['without a signature', makeWakeUp({ headers: { 'supaqueue-signature': '' } }), 'SQ401'],
    ['with a signature of another form', makeWakeUp({ at, headers: { 'supaqueue-signature': 'v1=00' } }), 'SQ401'],
    ['with a signature under another secret', makeWakeUp({ at, key: 'another secret, of another place' }), 'SQ401'],
    [
      'with the signature of another body',
      makeWakeUp({ at, headers: { 'supaqueue-signature': sign(at.toFixed(6), '{}') } }),
      'SQ401',
    ],
    [
      'with the signature of another time',
      makeWakeUp({ at, headers: { 'supaqueue-timestamp': String(at + 1) } }),
      'SQ401',
    ],
    ['when it is too old', makeWakeUp({ at: at - 301 }), 'SQ403'],
    ['when it is from the future', makeWakeUp({ at: at + 301 }), 'SQ403'],
  ]

  test.each(refusals)('%s, with a message and a hint', async (_, request, code) => {
    await expect(makeDoor()(request)).rejects.toMatchObject({
      code,
      message: expect.any(String),
      hint: expect.any(String),
    })
  })

  test('when it is old by both clocks', async () => {
    const skew = () => Promise.resolve(3_600_000)

    await expect(makeDoor({ skew })(makeWakeUp({ at: at - 3600 }))).rejects.toMatchObject({ code: 'SQ403' })
  })

  test('when the clocks differ and the database does not answer', async () => {
    const skew = () => Promise.reject(new Error('away'))

    await expect(makeDoor({ skew })(makeWakeUp({ at: at - 3600 }))).rejects.toMatchObject({ code: 'SQ503' })
  })

  test('without the database being asked, when it is old and its signature is wrong', async () => {
    const skew = vi.fn(() => Promise.resolve(0))

    await expect(makeDoor({ skew })(makeWakeUp({ at: at - 3600, key: 'not the right secret' }))).rejects.toMatchObject({
      code: 'SQ401',
    })
    expect(skew).not.toHaveBeenCalled()
  })

  test('the second time, even with its signatures in another order', async () => {
    const door = makeDoor()
    const good = sign(at.toFixed(6), '{}')
    const other = `v1=${'0'.repeat(64)}`
    await door(makeWakeUp({ at, body: '{}' }))

    const again = makeWakeUp({ at, body: '{}', headers: { 'supaqueue-signature': `${other} ${good}` } })
    await expect(door(again)).rejects.toMatchObject({ code: 'SQ409' })
  })

  test('but not because another wake-up of the same second was received', async () => {
    const door = makeDoor()
    await door(makeWakeUp({ at, body: '{}' }))

    await expect(door(makeWakeUp({ at: at + 0.000_1, body: '{}' }))).resolves.toBeUndefined()
  })
})

test('signatures are compared by the platform, in constant time, and never more than ten of them', async () => {
  const compare = vi.spyOn(crypto.subtle, 'verify')
  const headers = { 'supaqueue-signature': Array(19).fill(`v1=${'0'.repeat(64)}`).join(' ') }

  await expect(makeDoor()(makeWakeUp({ at, headers }))).rejects.toMatchObject({ code: 'SQ401' })

  expect(compare).toHaveBeenCalledTimes(10)
})

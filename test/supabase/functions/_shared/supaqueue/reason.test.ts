import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decisionOf } from '../../../../../supabase/functions/_shared/supaqueue/decision.ts'

const rejected = async (thrown: unknown) =>
  await decisionOf(() => {
    throw thrown
  }, () => {})

test.for<[unknown, string]>([
  [new Error('no way'), 'no way'],
  [new TypeError(), 'TypeError'],
  // What supabase-js returns as `error`.
  [
    { code: '42501', details: null, hint: null, message: 'permission denied' },
    'permission denied',
  ],
  [{ reason: 'full' }, '{"reason":"full"}'],
  [new Map(), 'a Map without a message was thrown'],
  ['stop', 'stop'],
  ['', 'an empty text was thrown'],
  [Object.create(null), 'something was thrown that cannot be shown'],
  [null, 'null'],
])(
  'a handler that throws %o is tried again, and its job says %s',
  async ([thrown, message]) => {
    expect(await rejected(thrown)).toMatchObject({
      outcome: 'reject',
      details: { message },
    })
  },
)

test('whatever is thrown, the job says something of it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.anything({ withNullPrototype: true, withBigInt: true }),
      async (thrown) => {
        const { outcome, details } = await rejected(thrown)
        expect(outcome).toBe('reject')
        expect(details.message).not.toMatch(/^(\[object .*)?$/)
      },
    ),
  )
})

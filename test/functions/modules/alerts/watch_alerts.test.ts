import { expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'
import { happened, messages, rule, watch } from './alerts.ts'

const longAgo = (harness: Harness, column: 'since' | 'well_since') =>
  harness.db.query(`update supaqueue.alert set ${column} = ${column} - interval '1 hour'`)

test('one message when it is wrong, and one when it is over, however often it is looked at', async ({ harness }) => {
  const [watched, told] = [await harness.queue({ name: 'films' }), await harness.queue()]
  await rule(harness, 'errors', 'error_rate_above', 0.5, told, { queue: watched })
  await happened(harness, watched, 2, 18)

  expect([await watch(harness), await watch(harness), await watch(harness)]).toEqual([1, 0, 0])
  expect(await messages(harness, told)).toEqual([{
    text: 'errors: 18 of 20 calls of films failed in the last five minutes',
    alert: 'errors',
    state: 'firing',
    kind: 'error_rate_above',
    subject: 'films',
    value: 0.9,
    threshold: 0.5,
    since: expect.any(String),
  }])

  await happened(harness, watched, 20, 0)
  expect([await watch(harness), await watch(harness)]).toEqual([1, 0])
  expect((await messages(harness, told)).at(-1)).toMatchObject({
    text: expect.stringMatching(/^errors is over for films\. It was: /),
    state: 'resolved',
  })
})

test('what passes before it has lasted long enough is told nobody', async ({ harness }) => {
  const [watched, told] = [await harness.queue(), await harness.queue()]
  await rule(harness, 'brief', 'error_rate_above', 0.5, told, { queue: watched, raise_after: '1 minute' })
  await happened(harness, watched, 0, 20)
  expect(await watch(harness)).toBe(0)

  await happened(harness, watched, 20, 0)
  expect(await watch(harness)).toBe(0)
  expect(
    (await harness.db.query('select from supaqueue.alert join supaqueue.alert_rule on id = rule where name = $1', [
      'brief',
    ])).rowCount,
  )
    .toBe(0)

  await happened(harness, watched, 0, 20)
  await watch(harness)
  await longAgo(harness, 'since')
  expect(await watch(harness)).toBe(1)
})

test('what comes and goes between the two thresholds, or for a short time, is one message', async ({ harness }) => {
  const [watched, told] = [await harness.queue(), await harness.queue()]
  await rule(harness, 'flapping', 'error_rate_above', 0.5, told, {
    queue: watched,
    clear_below: 0.2,
    clear_after: '5 minutes',
  })
  for (const failed of [18, 8, 18, 0, 18, 0]) {
    await happened(harness, watched, 20 - failed, failed)
    await watch(harness)
  }
  expect(await messages(harness, told)).toHaveLength(1)

  await longAgo(harness, 'well_since')
  expect(await watch(harness)).toBe(1)
  expect((await messages(harness, told)).map(({ state }) => state)).toEqual(['firing', 'resolved'])
})

test('without a queue, each is watched by itself, but for the one that is told', async ({ harness }) => {
  const [one, other, told] = [
    await harness.queue(),
    await harness.queue(),
    await harness.queue({ name: 'the told one' }),
  ]
  await rule(harness, 'any failed', 'failed_more_than', 4, told)
  for (const queue of [one, other, told]) await happened(harness, queue, 0, 0, 5)

  await watch(harness)

  const subjects = (await messages(harness, told)).map(({ subject }) => subject)
  expect(subjects).toHaveLength(2)
  expect(subjects).not.toContain('the told one')
  await harness.db.query('delete from supaqueue.alert_rule')
})

test('a rule whose message cannot be enqueued is set aside with its reason, and stops no other', async ({ harness }) => {
  const [watched, told, tight] = [await harness.queue(), await harness.queue(), await harness.queue()]
  const limit = (bytes: number) =>
    harness.db.query('update supaqueue.queue set payload_max_bytes = $2 where id = $1', [tight, bytes])
  await limit(10)
  await rule(harness, 'a bad one', 'error_rate_above', 0.5, tight, { queue: watched })
  await rule(harness, 'b good one', 'error_rate_above', 0.5, told, { queue: watched })
  await happened(harness, watched, 0, 20)

  expect(await watch(harness)).toBe(1)

  expect((await messages(harness, told)).map(({ alert }) => alert)).toEqual(['b good one'])
  const trouble = () => harness.db.query(`select reason from supaqueue.trouble where kind = 'alert'`)
  expect((await trouble()).rows).toEqual([{
    reason: expect.stringContaining('the alert a bad one could not be looked at'),
  }])

  await limit(10_000)
  expect(await watch(harness)).toBe(1)
  expect((await trouble()).rows).toEqual([])
})

test('a rule that is switched off tells nothing', async ({ harness }) => {
  const [watched, told] = [await harness.queue(), await harness.queue()]
  const id = await rule(harness, 'silenced', 'error_rate_above', 0.5, told, { queue: watched })
  await harness.db.query('update supaqueue.alert_rule set enabled = false where id = $1', [id])
  await happened(harness, watched, 0, 20)

  await watch(harness)

  expect(await messages(harness, told)).toEqual([])
})

test('the sweep looks at the rules', async ({ harness }) => {
  const [watched, told] = [await harness.queue(), await harness.queue()]
  await rule(harness, 'by the sweep', 'error_rate_above', 0.5, told, { queue: watched })
  await happened(harness, watched, 0, 20)

  await harness.sweep()

  expect(await messages(harness, told)).toHaveLength(1)
})

test('a rule is left to the next sweep while the queue that is told is being deleted: nobody waits', async ({ harness, another }) => {
  const [watched, told] = [await harness.queue(), await harness.queue()]
  await rule(harness, 'left alone', 'error_rate_above', 0.5, told, { queue: watched })
  await happened(harness, watched, 0, 20)
  const user = await another()
  await user.begin()
  await user.hold('queue', told)
  await harness.impatient()

  expect(await watch(harness)).toBe(0)
  await user.rollback()
  expect((await harness.db.query(`select from supaqueue.trouble where kind = 'alert'`)).rowCount).toBe(0)
  expect(await watch(harness)).toBe(1)
})

import { expect } from 'vitest'
import { type House, test } from '../../../support/house.ts'
import { happened, messages, rule, watch } from './alerts.ts'

const longAgo = (house: House, column: 'since' | 'well_since') =>
  house.db.query(`update supaqueue.alert set ${column} = ${column} - interval '1 hour'`)

test('one message when it is wrong, and one when it is over, however often it is looked at', async ({ house }) => {
  const [watched, told] = [await house.queue({ name: 'films' }), await house.queue()]
  await rule(house, 'errors', 'error_rate_above', 0.5, told, { queue: watched })
  await happened(house, watched, 2, 18)

  expect([await watch(house), await watch(house), await watch(house)]).toEqual([1, 0, 0])
  expect(await messages(house, told)).toEqual([{
    text: 'errors: 18 of 20 calls of films failed in the last five minutes',
    alert: 'errors',
    state: 'firing',
    kind: 'error_rate_above',
    subject: 'films',
    value: 0.9,
    threshold: 0.5,
    since: expect.any(String),
  }])

  await happened(house, watched, 20, 0)
  expect([await watch(house), await watch(house)]).toEqual([1, 0])
  expect((await messages(house, told)).at(-1)).toMatchObject({
    text: expect.stringMatching(/^errors is over for films\. It was: /),
    state: 'resolved',
  })
})

test('what passes before it has lasted long enough is told nobody', async ({ house }) => {
  const [watched, told] = [await house.queue(), await house.queue()]
  await rule(house, 'brief', 'error_rate_above', 0.5, told, { queue: watched, raise_after: '1 minute' })
  await happened(house, watched, 0, 20)
  expect(await watch(house)).toBe(0)

  await happened(house, watched, 20, 0)
  expect(await watch(house)).toBe(0)
  expect(
    (await house.db.query('select from supaqueue.alert join supaqueue.alert_rule on id = rule where name = $1', [
      'brief',
    ])).rowCount,
  )
    .toBe(0)

  await happened(house, watched, 0, 20)
  await watch(house)
  await longAgo(house, 'since')
  expect(await watch(house)).toBe(1)
})

test('what comes and goes between the two thresholds, or for a short time, is one message', async ({ house }) => {
  const [watched, told] = [await house.queue(), await house.queue()]
  await rule(house, 'flapping', 'error_rate_above', 0.5, told, {
    queue: watched,
    clear_below: 0.2,
    clear_after: '5 minutes',
  })
  for (const failed of [18, 8, 18, 0, 18, 0]) {
    await happened(house, watched, 20 - failed, failed)
    await watch(house)
  }
  expect(await messages(house, told)).toHaveLength(1)

  await longAgo(house, 'well_since')
  expect(await watch(house)).toBe(1)
  expect((await messages(house, told)).map(({ state }) => state)).toEqual(['firing', 'resolved'])
})

test('without a queue, each is watched by itself, but for the one that is told', async ({ house }) => {
  const [one, other, told] = [await house.queue(), await house.queue(), await house.queue({ name: 'the told one' })]
  await rule(house, 'any failed', 'failed_more_than', 4, told)
  for (const queue of [one, other, told]) await happened(house, queue, 0, 0, 5)

  await watch(house)

  const subjects = (await messages(house, told)).map(({ subject }) => subject)
  expect(subjects).toHaveLength(2)
  expect(subjects).not.toContain('the told one')
  await house.db.query('delete from supaqueue.alert_rule')
})

test('a rule whose message cannot be enqueued is set aside with its reason, and stops no other', async ({ house }) => {
  const [watched, told, tight] = [await house.queue(), await house.queue(), await house.queue()]
  const limit = (bytes: number) =>
    house.db.query('update supaqueue.queue set payload_max_bytes = $2 where id = $1', [tight, bytes])
  await limit(10)
  await rule(house, 'a bad one', 'error_rate_above', 0.5, tight, { queue: watched })
  await rule(house, 'b good one', 'error_rate_above', 0.5, told, { queue: watched })
  await happened(house, watched, 0, 20)

  expect(await watch(house)).toBe(1)

  expect((await messages(house, told)).map(({ alert }) => alert)).toEqual(['b good one'])
  const trouble = () => house.db.query(`select reason from supaqueue.trouble where kind = 'alert'`)
  expect((await trouble()).rows).toEqual([{
    reason: expect.stringContaining('the alert a bad one could not be looked at'),
  }])

  await limit(10_000)
  expect(await watch(house)).toBe(1)
  expect((await trouble()).rows).toEqual([])
})

test('a rule that is switched off tells nothing', async ({ house }) => {
  const [watched, told] = [await house.queue(), await house.queue()]
  const id = await rule(house, 'silenced', 'error_rate_above', 0.5, told, { queue: watched })
  await house.db.query('update supaqueue.alert_rule set enabled = false where id = $1', [id])
  await happened(house, watched, 0, 20)

  await watch(house)

  expect(await messages(house, told)).toEqual([])
})

test('the sweep looks at the rules', async ({ house }) => {
  const [watched, told] = [await house.queue(), await house.queue()]
  await rule(house, 'by the sweep', 'error_rate_above', 0.5, told, { queue: watched })
  await happened(house, watched, 0, 20)

  await house.sweep()

  expect(await messages(house, told)).toHaveLength(1)
})

import { expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'
import { happened, rule } from './alerts.ts'

const readings = async (harness: Harness, id: string) =>
  (await harness.db.query(
    `select reading.* from supaqueue.alert_rule as rule cross join lateral supaqueue_internal.alert_readings(rule) as reading
     where rule.id = $1 order by 1`,
    [id],
  )).rows

test('how long a job has been due; of a paused queue nothing', async ({ harness }) => {
  const [queue, told] = [await harness.queue({ name: 'slow' }), await harness.queue()]
  const id = await rule(harness, 'backlog', 'backlog_older_than', 60, told, { queue })
  expect(await readings(harness, id)).toEqual([])

  await harness.job(queue, { due: '-10 minutes' })
  const [found] = await readings(harness, id)
  expect(found).toMatchObject({ subject: 'slow', text: 'a job of slow has been due for 10 min' })
  expect(found.value).toBeGreaterThan(599)

  await harness.update('queue', queue, { paused: true })
  expect(await readings(harness, id)).toEqual([])
})

test('the share of calls that failed, of ten or more, and how many jobs failed for good', async ({ harness }) => {
  const [queue, told] = [await harness.queue({ name: 'reels' }), await harness.queue()]
  const [errors, failed] = [
    await rule(harness, 'reel errors', 'error_rate_above', 0.5, told, { queue }),
    await rule(harness, 'reel failures', 'failed_more_than', 5, told, { queue }),
  ]
  await happened(harness, queue, 1, 8)
  expect(await readings(harness, errors)).toEqual([])

  await happened(harness, queue, 5, 8, 7)
  expect(await readings(harness, errors)).toMatchObject([{ subject: 'reels', value: 0.75 }])
  expect(await readings(harness, failed)).toMatchObject([{ subject: 'reels', value: 7 }])
})

test('for how long calls of a target have been held back', async ({ harness }) => {
  const [queue, told] = [await harness.queue({ edge_function_name: 'closed' }), await harness.queue()]
  const id = await rule(harness, 'held back', 'circuit_open', 0, told, { queue })
  expect(await readings(harness, id)).toEqual([])

  await harness.openCircuit(queue)
  expect(await readings(harness, id)).toMatchObject([{
    subject: 'function closed',
    text: expect.stringContaining('too many requests'),
  }])
})

test('for how long wake-ups have been refused, and the sweep was silent', async ({ harness }) => {
  const told = await harness.queue()
  const [dispatch, silent] = [
    await rule(harness, 'refused', 'dispatch_refused', 60, told),
    await rule(harness, 'silent', 'sweep_silent', 120, told),
  ]
  await harness.sweep()
  expect(await readings(harness, dispatch)).toEqual([])
  await harness.db.query(
    `update supaqueue.dispatch set accepted_at = null, refused_at = now(), refused_since = now() - interval '10 minutes',
       refusals = 9, status = 401, code = 'SQ401'`,
  )
  await harness.db.query(`update supaqueue.last_sweep set swept_at = now() - interval '20 minutes'`)

  expect(await readings(harness, dispatch)).toMatchObject([{
    subject: 'dispatch',
    text: expect.stringMatching(/refused for 10 min \(401 SQ401\)/),
  }])
  expect(await readings(harness, silent)).toMatchObject([{ subject: 'sweep', text: 'the sweep was silent for 20 min' }])
  await harness.db.query('delete from supaqueue.dispatch')
  await harness.sweep()
})

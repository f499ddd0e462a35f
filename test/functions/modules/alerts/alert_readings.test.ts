import { expect } from 'vitest'
import { type House, test } from '../../../support/house.ts'
import { happened, rule } from './alerts.ts'

const readings = async (house: House, id: string) =>
  (await house.db.query(
    `select reading.* from supaqueue.alert_rule as rule cross join lateral supaqueue_internal.alert_readings(rule) as reading
     where rule.id = $1 order by 1`,
    [id],
  )).rows

test('how long a job has been due; of a paused queue nothing', async ({ house }) => {
  const [queue, told] = [await house.queue({ name: 'slow' }), await house.queue()]
  const id = await rule(house, 'backlog', 'backlog_older_than', 60, told, { queue })
  expect(await readings(house, id)).toEqual([])

  await house.job(queue, { due: '-10 minutes' })
  const [found] = await readings(house, id)
  expect(found).toMatchObject({ subject: 'slow', text: 'a job of slow has been due for 10 min' })
  expect(found.value).toBeGreaterThan(599)

  await house.update('queue', queue, { paused: true })
  expect(await readings(house, id)).toEqual([])
})

test('the share of calls that failed, of ten or more, and how many jobs failed for good', async ({ house }) => {
  const [queue, told] = [await house.queue({ name: 'reels' }), await house.queue()]
  const [errors, failed] = [
    await rule(house, 'reel errors', 'error_rate_above', 0.5, told, { queue }),
    await rule(house, 'reel failures', 'failed_more_than', 5, told, { queue }),
  ]
  await happened(house, queue, 1, 8)
  expect(await readings(house, errors)).toEqual([])

  await happened(house, queue, 5, 8, 7)
  expect(await readings(house, errors)).toMatchObject([{ subject: 'reels', value: 0.75 }])
  expect(await readings(house, failed)).toMatchObject([{ subject: 'reels', value: 7 }])
})

test('for how long calls of a target have been held back', async ({ house }) => {
  const [queue, told] = [await house.queue({ edge_function_name: 'closed' }), await house.queue()]
  const id = await rule(house, 'held back', 'circuit_open', 0, told, { queue })
  expect(await readings(house, id)).toEqual([])

  await house.openCircuit(queue)
  expect(await readings(house, id)).toMatchObject([{
    subject: 'function closed',
    text: expect.stringContaining('too many requests'),
  }])
})

test('for how long wake-ups have been refused, and the sweep was silent', async ({ house }) => {
  const told = await house.queue()
  const [dispatch, silent] = [
    await rule(house, 'refused', 'dispatch_refused', 60, told),
    await rule(house, 'silent', 'sweep_silent', 120, told),
  ]
  await house.sweep()
  expect(await readings(house, dispatch)).toEqual([])
  await house.db.query(
    `update supaqueue.dispatch set accepted_at = null, refused_at = now(), refused_since = now() - interval '10 minutes',
       refusals = 9, status = 401, code = 'SQ401'`,
  )
  await house.db.query(`update supaqueue.last_sweep set swept_at = now() - interval '20 minutes'`)

  expect(await readings(house, dispatch)).toMatchObject([{
    subject: 'dispatch',
    text: expect.stringMatching(/refused for 10 min \(401 SQ401\)/),
  }])
  expect(await readings(house, silent)).toMatchObject([{ subject: 'sweep', text: 'the sweep was silent for 20 min' }])
  await house.db.query('delete from supaqueue.dispatch')
  await house.sweep()
})

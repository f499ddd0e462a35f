import { expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/house.ts'
import { inLine } from '../../../support/line.ts'

test('explain names the job that is waited for, and what to do about it', async ({ house }) => {
  const line = await inLine(house, { max_attempts: 1 })
  const [one, two, three] = [await line.job('a'), await line.job('a'), await line.job('a')]
  await line.take()
  const running = await ask(house, 'explain', { job: three })
  await line.end(one, 'failed')
  const failed = await ask(house, 'explain', { job: two })
  const blocking = await ask(house, 'explain', { job: one })
  await ask(house, 'cancel', { job: one })
  const first = await ask(house, 'explain', { job: two })
  const last = await ask(house, 'explain', { job: three })

  expect(running.reasons).toContainEqual(expect.objectContaining({ code: 'order', job: one, status: 'in_progress' }))
  expect(failed.text).toContain(
    `job ${one} comes before it with the key 'a', and failed: select supaqueue.retry(${one})`,
  )
  expect(blocking.reasons).toEqual([expect.objectContaining({ code: 'blocks' })])
  expect(blocking.text).toContain('keeps the jobs after it waiting until it is retried or cancelled')
  expect(first.reasons.map(({ code }: { code: string }) => code)).not.toContain('order')
  expect(last.text).toContain(`job ${two} comes before it with the key 'a', and waits itself`)
})

test('a job that does not stand in line waits for none', async ({ house }) => {
  const queue = await house.queue({ workers: 1, per_key: 1 })
  await house.job(queue, { concurrency_key: 'a' })
  const job = await house.job(queue, { concurrency_key: 'a' })

  const { rows: [row] } = await house.db.query(
    `select supaqueue_internal.ahead_in_line(job) as ahead from supaqueue.job where id = $1`,
    [job],
  )
  expect(row.ahead).toBe(null)
})

test('on a paused queue run_now begins the first of a line, and no other', async ({ house }) => {
  const line = await inLine(house, { ordered: 'queue', paused: true })
  const [one, two] = [await line.job(undefined), await line.job(undefined)]

  expect(await ask(house, 'run_now', { job: two })).toBe(false)
  expect(await ask(house, 'run_now', { job: one })).toBe(true)
  expect(await house.inProgress(line.queue)).toEqual([one])
})

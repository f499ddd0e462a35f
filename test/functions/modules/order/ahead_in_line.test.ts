import { expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'
import { inLine } from '../../../support/line.ts'

test('explain names the job that is waited for, and what to do about it', async ({ harness }) => {
  const line = await inLine(harness, { max_attempts: 1 })
  const [one, two, three] = [await line.job('a'), await line.job('a'), await line.job('a')]
  await line.take()
  const running = await ask(harness, 'explain', { job: three })
  await line.end(one, 'failed')
  const failed = await ask(harness, 'explain', { job: two })
  const blocking = await ask(harness, 'explain', { job: one })
  await ask(harness, 'cancel', { job: one })
  const first = await ask(harness, 'explain', { job: two })
  const last = await ask(harness, 'explain', { job: three })

  expect(running.reasons).toContainEqual(expect.objectContaining({ code: 'order', job: one, status: 'in_progress' }))
  expect(failed.text).toContain(
    `job ${one} comes before it with the key 'a', and failed: select supaqueue.retry(${one})`,
  )
  expect(blocking.reasons).toEqual([expect.objectContaining({ code: 'blocks' })])
  expect(blocking.text).toContain('keeps the jobs after it waiting until it is retried or cancelled')
  expect(first.reasons.map(({ code }: { code: string }) => code)).not.toContain('order')
  expect(last.text).toContain(`job ${two} comes before it with the key 'a', and waits itself`)
})

test('a job that does not stand in line waits for none', async ({ harness }) => {
  const queue = await harness.queue({ workers: 1, per_key: 1 })
  await harness.job(queue, { concurrency_key: 'a' })
  const job = await harness.job(queue, { concurrency_key: 'a' })

  const { rows: [row] } = await harness.db.query(
    `select supaqueue_internal.ahead_in_line(job) as ahead from supaqueue.job where id = $1`,
    [job],
  )
  expect(row.ahead).toBe(null)
})

test('on a paused queue run_now begins the first of a line, and no other', async ({ harness }) => {
  const line = await inLine(harness, { ordered: 'queue', paused: true })
  const [one, two] = [await line.job(undefined), await line.job(undefined)]

  expect(await ask(harness, 'run_now', { job: two })).toBe(false)
  expect(await ask(harness, 'run_now', { job: one })).toBe(true)
  expect(await harness.inProgress(line.queue)).toEqual([one])
})

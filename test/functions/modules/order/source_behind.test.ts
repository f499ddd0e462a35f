import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { inLine } from '../../../support/line.ts'
import { pipeline } from '../../../support/pipeline.ts'

const behind = (harness: Parameters<typeof inLine>[0], job: number) =>
  harness.db.query('select supaqueue_internal.source_behind($1) as behind', [job]).then(({ rows: [row] }) => row.behind)

test('of all jobs that a job waits for it is the first behind it in its line, until that runs or has ended', async ({ harness }) => {
  const line = await inLine(harness, { ordered: null })
  const [before, job, other, first, second] = [
    await line.job('a'),
    await line.job('a'),
    await line.job('b'),
    await line.job('a'),
    await line.job('a'),
  ]
  await pipeline(harness).depend(job, [before, other, second])
  await pipeline(harness).depend(second, [first])
  expect(await behind(harness, job)).toBe(null)
  await harness.update('queue', line.queue, { ordered: 'key' })

  expect(await behind(harness, job)).toBe(first)
  await harness.update('job', first, { status: 'cancelled' })
  expect(await behind(harness, other)).toBe(null)
})

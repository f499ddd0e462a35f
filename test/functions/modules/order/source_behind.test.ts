import { expect } from 'vitest'
import { test } from '../../../support/house.ts'
import { inLine } from '../../../support/line.ts'
import { pipeline } from '../../../support/pipeline.ts'

const behind = (house: Parameters<typeof inLine>[0], job: number) =>
  house.db.query('select supaqueue_internal.source_behind($1) as behind', [job]).then(({ rows: [row] }) => row.behind)

test('of all jobs that a job waits for it is the first behind it in its line, until that runs or has ended', async ({ house }) => {
  const line = await inLine(house, { ordered: null })
  const [before, job, other, first, second] = [
    await line.job('a'),
    await line.job('a'),
    await line.job('b'),
    await line.job('a'),
    await line.job('a'),
  ]
  await pipeline(house).depend(job, [before, other, second])
  await pipeline(house).depend(second, [first])
  expect(await behind(house, job)).toBe(null)
  await house.update('queue', line.queue, { ordered: 'key' })

  expect(await behind(house, job)).toBe(first)
  await house.update('job', first, { status: 'cancelled' })
  expect(await behind(house, other)).toBe(null)
})

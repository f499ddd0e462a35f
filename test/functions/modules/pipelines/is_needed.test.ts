import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { pipeline } from '../../../support/pipeline.ts'

test('a finished job must stay while another may yet ask for its result', async ({ harness }) => {
  const { depend } = pipeline(harness)
  const [source, target, alone] = await harness.jobs(await harness.queue(), 3)
  await depend(target!, [source!])

  await harness.update('job', source!, { status: 'success' })
  const whileItWaits = await needed([source!, alone!])
  await harness.update('job', target!, { status: 'success' })
  const afterwards = await needed([source!, target!])

  expect(whileItWaits).toEqual([source])
  expect(afterwards).toEqual([])

  async function needed(jobs: number[]) {
    const { rows } = await harness.db.query(
      'select id from unnest($1::bigint[]) as id where supaqueue_internal.is_needed(id)',
      [jobs],
    )
    return rows.map(({ id }) => id)
  }
})

test('a cancelled job must stay until it is written down how what it waited for ended', async ({ harness }) => {
  const { depend } = pipeline(harness)
  const [source, target] = await harness.jobs(await harness.queue(), 2)
  await depend(target!, [source!])
  await harness.update('job', target!, { status: 'cancelled' })

  const { rows } = await harness.db.query('select supaqueue_internal.is_needed($1) as needed', [target])

  expect(rows).toEqual([{ needed: true }])
})

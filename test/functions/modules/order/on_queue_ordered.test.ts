import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { inLine } from '../../../support/line.ts'

describe('a queue', () => {
  test('that is ordered no longer begins what has waited in line', async ({ harness }) => {
    const line = await inLine(harness)
    const [one, two] = [await line.job('a'), await line.job('a')]
    expect(await line.take()).toEqual([one])

    await harness.update('queue', line.queue, { ordered: null, per_key: null })

    expect(await line.take()).toEqual([two])
    expect(await line.places()).toEqual([])
  })

  test('that is ordered as a whole from now on has one line', async ({ harness }) => {
    const line = await inLine(harness)
    const [one, two] = [await line.job('a'), await line.job('b')]

    await harness.update('queue', line.queue, { ordered: 'queue' })

    expect(await line.take()).toEqual([one])
    expect(await line.end(one)).toEqual([two])
  })

  test('whose failed jobs are not to block any more goes on', async ({ harness }) => {
    const line = await inLine(harness, { max_attempts: 1 })
    const [one, two] = [await line.job('a'), await line.job('a')]
    await line.take()
    expect(await line.end(one, 'failed')).toEqual([])

    await harness.update('queue', line.queue, { after_failure: 'continue' })

    expect(await line.take()).toEqual([two])
  })
})

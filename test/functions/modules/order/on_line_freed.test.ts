import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'
import { inLine } from '../../../support/line.ts'

describe('a queue that sleeps is woken for the next of a line', () => {
  test.for(['cancel', 'delete', 'continue'] as const)(
    'when the one before is out of its way: %s',
    async (way, { harness }) => {
      const line = await inLine(harness, { max_attempts: 1 })
      const [one, two] = [await line.job('a'), await line.job('a')]
      await line.take()
      await line.end(one, 'failed')
      await harness.sleep(line.queue, line.run)
      const before = await harness.wakeUps(line.queue)

      if (way === 'cancel') await ask(harness, 'cancel', { job: one })
      else if (way === 'delete') await harness.delete('job', one)
      else await harness.update('queue', line.queue, { after_failure: 'continue' })

      expect(await harness.wakeUps(line.queue)).toBe(before + 1)
      expect(await harness.inProgress(line.queue)).toEqual([two])
    },
  )

  test('and a queue of which every line is blocked sleeps', async ({ harness }) => {
    const line = await inLine(harness, { max_attempts: 1 })
    const one = await line.job('a')
    await line.job('a')
    await line.take()
    await line.end(one, 'failed')

    expect((await harness.turn(line.run, line.queue, { sleepy: true })).state).toBe('asleep')
    const before = await harness.wakeUps(line.queue)
    await harness.sweep()
    expect(await harness.wakeUps(line.queue)).toBe(before)
  })
})

import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/house.ts'
import { inLine } from '../../../support/line.ts'

describe('a queue that sleeps is woken for the next of a line', () => {
  test.for(['cancel', 'delete', 'continue'] as const)(
    'when the one before is out of its way: %s',
    async (way, { house }) => {
      const line = await inLine(house, { max_attempts: 1 })
      const [one, two] = [await line.job('a'), await line.job('a')]
      await line.take()
      await line.end(one, 'failed')
      await house.sleep(line.queue, line.run)
      const before = await house.wakeUps(line.queue)

      if (way === 'cancel') await ask(house, 'cancel', { job: one })
      else if (way === 'delete') await house.delete('job', one)
      else await house.update('queue', line.queue, { after_failure: 'continue' })

      expect(await house.wakeUps(line.queue)).toBe(before + 1)
      expect(await house.inProgress(line.queue)).toEqual([two])
    },
  )

  test('and a queue of which every line is blocked sleeps', async ({ house }) => {
    const line = await inLine(house, { max_attempts: 1 })
    const one = await line.job('a')
    await line.job('a')
    await line.take()
    await line.end(one, 'failed')

    expect((await house.turn(line.run, line.queue, { sleepy: true })).state).toBe('asleep')
    const before = await house.wakeUps(line.queue)
    await house.sweep()
    expect(await house.wakeUps(line.queue)).toBe(before)
  })
})

import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type House, test, type Token } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'

const speakers: [name: string, speak: (house: House, token: Token | null) => Promise<unknown>][] = [
  ['extend', (house, token) => house.extend(token)],
  ['progress', (house, token) => house.progress(token, 50)],
  ['finish', (house, token) => house.finish(token, 'complete')],
  ['end_current_job', (house, token) => house.endCurrentJob(token, true)],
]

describe('a token that is not valid (any more) is refused in the same words by', () => {
  test.for(speakers)('%s', async ([, speak], { house }) => {
    const queue = await house.queue({ workers: 1 })
    await house.job(queue)
    const [entry] = await house.take(randomUUID(), queue)
    const token = entry!.current_job.id
    await house.finish(token, 'complete')

    for (const each of [token, null]) {
      expect(await refusal(speak(house, each))).toMatchObject({
        code: 'SQ404',
        message: `there is no current job ${each}`,
        hint:
          'It has ended already, or its lease ran out and the job was taken back. Stop working on it. Nothing was changed.',
      })
    }
  })
})

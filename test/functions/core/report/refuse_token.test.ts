import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type Harness, test, type Token } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

const speakers: [name: string, speak: (harness: Harness, token: Token | null) => Promise<unknown>][] = [
  ['extend', (harness, token) => harness.extend(token)],
  ['progress', (harness, token) => harness.progress(token, 50)],
  ['finish', (harness, token) => harness.finish(token, 'complete')],
  ['end_current_job', (harness, token) => harness.endCurrentJob(token, true)],
]

describe('a token that is not valid (any more) is refused in the same words by', () => {
  test.for(speakers)('%s', async ([, speak], { harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await harness.job(queue)
    const [entry] = await harness.take(randomUUID(), queue)
    const token = entry!.current_job.id
    await harness.finish(token, 'complete')

    for (const each of [token, null]) {
      expect(await refusal(speak(harness, each))).toMatchObject({
        code: 'SQ404',
        message: `there is no current job ${each}`,
        hint:
          'It has ended already, or its lease ran out and the job was taken back. Stop working on it. Nothing was changed.',
      })
    }
  })
})

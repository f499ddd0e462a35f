import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'

describe('why_aside', () => {
  test('says what could not be done of a job or its queue, why, and when it is tried again', async ({ harness }) => {
    const queue = await harness.queue()
    const [job, other] = await harness.jobs(queue, 2)
    for (let tried = 0; tried < 2; tried++) {
      await harness.db.query(
        `select supaqueue_internal.put_aside('begin', $1::text, '23503', 'no row', $2, $1::text::bigint)`,
        [
          job,
          queue,
        ],
      )
    }
    const why = async (id?: number) =>
      (await harness.db.query('select supaqueue_internal.why_aside($1, $2) as why', [id, queue])).rows[0].why

    expect(await why(job)).toMatchObject([{
      code: 'aside',
      kind: 'begin',
      sqlstate: '23503',
      tries: 2,
      text: expect.stringMatching(/could not be begun \(no row; tried 2 times, the next time in \d+/),
    }])
    expect(await why(other)).toEqual([])
    await harness.db.query(
      `select supaqueue_internal.put_aside('wake', $1::text, '22008', 'out of range', $1::text::uuid)`,
      [queue],
    )
    expect(await why(other)).toMatchObject([{ kind: 'wake', text: expect.stringMatching(/with the next sweep/) }])
  })
})

import { describe, expect } from 'vitest'
import { bombs } from '../../../support/bombs.ts'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

describe('a row of history that is written by hand', () => {
  test.for(bombs)('keeps no bomb: %s', async ([, json], { harness }) => {
    const queue = await harness.queue()
    const write = (calls: string) =>
      harness.db.query(
        `insert into supaqueue.history (queue, span, at, calls) values ($1, 'minute', date_trunc('minute', now()), $2::jsonb)`,
        [queue, calls],
      )

    expect(await refusal(write(`{"a": ${json}}`))).toMatchObject({ code: 'SQ422' })
    expect(await refusal(write(`[${json}]`))).toMatchObject({ code: 'SQ422' })

    await write('{}')
    const update = harness.db.query(`update supaqueue.history set calls = $2::jsonb where queue = $1`, [queue, json])
    expect(await refusal(update)).toMatchObject({ code: 'SQ422' })
  })
})

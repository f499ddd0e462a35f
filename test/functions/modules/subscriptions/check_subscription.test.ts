import { describe, expect } from 'vitest'
import { bombs } from '../../../support/bombs.ts'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

describe('a subscription that is written by hand', () => {
  test.for(bombs)('keeps no bomb in its filter: %s', async ([, json], { harness }) => {
    const queue = await harness.queue()
    const write = (filter: string) =>
      harness.db.query(
        `insert into supaqueue.subscription (pattern, queue, filter) values ('order.*', $1, $2::jsonb)`,
        [
          queue,
          filter,
        ],
      )

    expect(await refusal(write(`{"a": ${json}}`))).toMatchObject({
      code: 'SQ422',
      message: expect.stringMatching(/^the filter (has|is) /),
    })
    expect(await refusal(write(`[${json}]`))).toMatchObject({ code: 'SQ422' })
    expect(
      await refusal(harness.db.query('select supaqueue.subscribe($1, $2, $3)', ['order.*', queue, `{"a": ${json}}`])),
    )
      .toMatchObject({ code: 'SQ422' })
  })
})

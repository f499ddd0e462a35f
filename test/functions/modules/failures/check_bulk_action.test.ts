import { describe, expect } from 'vitest'
import { bombs } from '../../../support/bombs.ts'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

describe('a bulk action that is written by hand', () => {
  test.for(bombs)('keeps no bomb: %s', async ([, json], { harness }) => {
    for (
      const [column, value] of [['filter', `{"a": ${json}}`], ['before', `[${json}]`], ['before', `{"a": ${json}}`]]
    ) {
      const write = harness.db.query(
        `insert into supaqueue.bulk_action (act, jobs, ${column}) values ('retry', '{1}', $1::jsonb)`,
        [value],
      )
      expect(await refusal(write)).toMatchObject({ code: 'SQ422' })
    }
  })
})

import { describe, expect } from 'vitest'
import { bombs } from '../../../support/bombs.ts'
import { test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'

describe('a bulk action that is written by hand', () => {
  test.for(bombs)('keeps no bomb: %s', async ([, json], { house }) => {
    for (
      const [column, value] of [['filter', `{"a": ${json}}`], ['before', `[${json}]`], ['before', `{"a": ${json}}`]]
    ) {
      const write = house.db.query(
        `insert into supaqueue.bulk_action (act, jobs, ${column}) values ('retry', '{1}', $1::jsonb)`,
        [value],
      )
      expect(await refusal(write)).toMatchObject({ code: 'SQ422' })
    }
  })
})

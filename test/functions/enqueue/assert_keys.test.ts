import { expect } from 'vitest'
import { test } from '../../support/house.ts'
import { refusal } from '../../support/refusal.ts'

test.for(['dedupe_key', 'concurrency_key'])(
  'assert_keys takes a %s of 1000 bytes, and no more',
  async (key, { another }) => {
    const { db } = await another('admin')
    const assert = (value: string) =>
      db.query('select supaqueue.assert_keys(jsonb_populate_record(null::supaqueue.job, $1))', [{ [key]: value }])

    expect((await assert('é'.repeat(500))).rowCount).toBe(1)
    expect(await refusal(assert('é'.repeat(500) + 'a'))).toMatchObject({
      code: 'SQ422',
      message: `a ${key} has at most 1000 bytes, not 1001`,
    })
  },
)

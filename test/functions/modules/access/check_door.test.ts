import { describe, expect } from 'vitest'
import { openQueue } from '../../../support/door.ts'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

describe('check_door', () => {
  test('a schema that is not understood is refused, inserted or updated by hand', async ({ harness }) => {
    const queue = await openQueue(harness)
    const refused = {
      code: 'SQ422',
      message: 'schema.if is not understood',
      hint: expect.stringContaining('docs/reference/open-to-users.md'),
    }
    const schema = JSON.stringify({ if: true })

    expect(
      await refusal(harness.db.query(`update supaqueue.door set schema = $2 where queue = $1`, [queue, schema])),
    ).toMatchObject(refused)
    expect(
      await refusal(
        harness.db.query(`insert into supaqueue.door (queue, role, schema) values ($1, 'anon', $2)`, [queue, schema]),
      ),
    ).toMatchObject(refused)
  })
})

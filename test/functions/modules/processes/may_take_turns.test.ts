import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test('a role that may take turns over a connection may be one that puts a queue to sleep', async ({ harness, another }) => {
  const admin = (await another('admin')).db
  const role = `worker_${randomUUID().slice(0, 8)}`
  const may = async () =>
    (await harness.db.query('select supaqueue_internal.may_take_turns($1::regrole) as may', [role])).rows[0].may
  await admin.query(`create role ${role}`)
  try {
    expect(await may()).toBe(false)
    await admin.query(`grant execute on function supaqueue_internal.direct_turn(jsonb) to ${role}`)
    expect(await may()).toBe(true)
  } finally {
    await admin.query(`drop owned by ${role}; drop role ${role}`)
  }
})

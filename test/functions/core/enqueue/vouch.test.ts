import { describe, expect } from 'vitest'
import { refusal } from '../../../support/refusal.ts'
import { test } from '../../../support/harness.ts'

const bomb = `{"n": 1e131071}`
const insert = (queue: string, payload = bomb) =>
  `insert into supaqueue.job (queue, payload) values ('${queue}', '${payload}')`

describe('vouch', () => {
  test('has the next statement believed, and no other', async ({ another }) => {
    const owner = await another('owner')
    const queue = await owner.queue()
    await owner.begin()
    await owner.db.query('select supaqueue_internal.vouch()')
    await owner.db.query(insert(queue))
    await owner.db.query('select supaqueue_internal.vouch(done => true)')

    expect(await refusal(owner.db.query(insert(queue)))).toMatchObject({ code: 'SQ422' })
    await owner.rollback()
  })

  test('ends with a statement that failed', async ({ another }) => {
    const owner = await another('owner')
    const queue = await owner.queue()
    await owner.begin()
    await owner.db.query('savepoint failed')
    await owner.db.query('select supaqueue_internal.vouch()')
    await expect(owner.db.query(`insert into supaqueue.job (queue) values ('${queue}'), (gen_random_uuid())`)).rejects
      .toMatchObject({ code: '23503' })
    await owner.db.query('rollback to failed')

    expect(await refusal(owner.db.query(insert(queue)))).toMatchObject({ code: 'SQ422' })
    await owner.rollback()
  })

  test('is nothing that anybody else could say', async ({ harness, another }) => {
    const owner = await another('owner')
    const queue = await harness.queue()

    await expect(harness.db.query('select supaqueue_internal.vouch()')).rejects.toMatchObject({ code: '42501' })
    await expect(harness.db.query(`select setval('supaqueue_internal.vouched', 5)`)).rejects.toMatchObject({
      code: '42501',
    })
    await expect(harness.db.query('select last_value from supaqueue_internal.vouched')).rejects
      .toMatchObject({ code: '42501' })
    // The value that somebody else's session drew is worth nothing in this one, known or not.
    await owner.begin()
    const { rows: [{ drawn }] } = await owner.db.query(
      `select current_setting('supaqueue.vouched') as drawn from supaqueue_internal.vouch()`,
    )
    await harness.begin()
    await harness.db.query(`select set_config('supaqueue.vouched', $1, true)`, [drawn])
    await expect(harness.db.query(insert(queue))).rejects.toMatchObject({
      code: expect.stringMatching(/^(55000|SQ422)$/),
    })
    await harness.rollback()
    await owner.rollback()
  })
})

import { describe, expect } from 'vitest'
import { refusal } from '../../../support/refusal.ts'
import { test } from '../../../support/harness.ts'
import { filled } from './backfilled.ts'

describe('replay', () => {
  test('sends once more what a hook sent in a time, in its order', async ({ another }) => {
    const owner = await another('owner')
    const photos = await filled(owner, 0)
    await photos.run(`insert into %t values (1, 'a'), (2, 'b')`)
    await photos.run(`update %t set path = 'c' where id = 1`)
    await owner.db.query(`update supaqueue.job set status = 'success' where queue = $1`, [photos.queue])
    await photos.run(`insert into %t values (3, 'd')`)
    const { rows: [{ ids }] } = await owner.db.query(
      `select supaqueue.replay($1, now() - interval '1 hour', now() + interval '1 hour') as ids`,
      [photos.name],
    )
    const { rows } = await owner.db.query(
      `select payload #>> '{record,path}' as path, concurrency_key as line, origin ->> 'hook-replay' as of from supaqueue.job where id = any ($1) order by id`,
      [ids],
    )

    expect(rows).toMatchObject([{ path: 'a' }, { path: 'b' }, { path: 'c' }])
    expect(rows.every(({ line, of }) => line.startsWith(photos.table) && Number(of) > 0)).toBe(true)
    await owner.db.query(`update supaqueue.job set status = 'success' where id = any ($1)`, [ids])
    expect(
      (await owner.db.query(
        `select supaqueue.replay($1, now() - interval '1 hour', now() + interval '1 hour') as ids`,
        [photos.name],
      )).rows[0].ids,
    ).toHaveLength(3)
    expect(await refusal(owner.db.query('select supaqueue.replay($1, now(), now())', [photos.name]))).toMatchObject({
      code: 'SQ422',
    })
    expect(await refusal(owner.db.query(`select supaqueue.replay('nowhere', now())`))).toMatchObject({ code: 'SQ404' })
  })
})

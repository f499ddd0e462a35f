import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { hooked } from './hooked.ts'

// What a hook writes into its own function stands for what a function of ours would say.
test.for([[''], ['{"sub": "a-user"}']])(
  'hook_stamp says who wrote, when and in which transaction: %j',
  async ([claims], { another }) => {
    const owner = await another('owner')
    const photos = await hooked(owner)
    await owner.begin()
    await owner.db.query(`select set_config('request.jwt.claims', $1, true)`, [claims])
    await photos.run(`insert into %t values (1)`)
    const { rows: [{ xid }] } = await owner.db.query('select pg_current_xact_id()::text as xid')
    await owner.commit()

    expect((await photos.jobs())[0]!.origin).toEqual({
      hook: photos.name,
      'hook-table': photos.table,
      'hook-transaction': xid,
      'hook-at': expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
      'hook-role': 'postgres',
      ...claims && { 'hook-actor': 'a-user' },
    })
  },
)

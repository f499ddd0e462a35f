import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { rowsOf } from '../../../support/ask.ts'
import { claim } from '../../../support/door.ts'
import { type Harness, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

/** Asks as the owner does inside of a function that runs as its owner: the role is set, the rights are not. */
const callerAs = async (owner: Harness, role: string, claims: unknown = {}) => {
  await owner.db.query(`
    create or replace function public.who(out role text, out user_id uuid) language sql security definer
    as 'select * from supaqueue_internal.caller()';
    grant execute on function public.who() to public`)
  await claim(owner, claims)
  await owner.db.query(`set role ${role}`)
  try {
    return (await owner.db.query('select * from public.who()')).rows[0]
  } finally {
    await owner.db.query('reset role; drop function public.who()')
  }
}

describe('caller', () => {
  test('is the user of the token for authenticated', async ({ another }) => {
    const user = randomUUID()

    expect(await callerAs(await another('owner'), 'authenticated', { sub: user }))
      .toEqual({ role: 'authenticated', user_id: user })
  })

  test('is nobody for anon, whatever the token says', async ({ another }) => {
    expect(await callerAs(await another('owner'), 'anon', { sub: randomUUID() })).toEqual({
      role: 'anon',
      user_id: null,
    })
  })

  test('is service_role for who may act as that', async ({ harness }) => {
    expect(await rowsOf(harness, 'caller')).toEqual([{ role: 'service_role', user_id: null }])
  })

  test('is of no role for a role without any part in the API', async ({ another, database }) => {
    const admin = await another('admin')
    const stranger = `caller_${database.name}`
    await admin.db.query(`begin; create role ${stranger}; set local role ${stranger}`)
    await admin.db.query(`set local session authorization ${stranger}`)
    const reason = await refusal(rowsOf(admin, 'caller'))
    await admin.db.query('rollback')

    expect(reason).toMatchObject({ code: '42501' })
  })

  test.for([[{}], [{ sub: null }], [{ sub: '' }], [{ sub: 'auth0|17' }], [{ sub: 17 }]])(
    'refuses a token that names no user: %j',
    async ([claims], { another }) => {
      expect(await refusal(callerAs(await another('owner'), 'authenticated', claims))).toMatchObject({
        code: 'SQ403',
        message: expect.stringContaining('sub'),
      })
    },
  )
})

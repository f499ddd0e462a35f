import { describe, expect } from 'vitest'
import type pg from 'pg'
import { readOwn } from '../../../../scripts/cli/place.ts'
import type { TestDatabase } from '../../../support/database.ts'
import { refusal } from '../../../support/refusal.ts'
import { test } from '../../../support/own.ts'

// Tables of the platform, as the roles that own and write them there.

async function onPlatform(database: TestDatabase) {
  const admin = await database.connect('admin')
  await admin.query(readOwn('scripts/dev/project/platform.sql'))
  const owner = await database.connect('owner')
  await owner.query(`select supaqueue.create_queue('welcome', 'hello')`)
  const as = async (role: string, sql: string) => {
    await admin.query(`set role ${role}`)
    return await admin.query(sql).finally(() => admin.query('reset role'))
  }
  return { admin, owner, as }
}

const payloads = async (db: pg.Client) =>
  (await db.query('delete from supaqueue.job returning payload')).rows.map(({ payload }) => payload)

describe('a hook on a table of the platform', () => {
  test('captures sign-ups by a role that has no right in supaqueue, and goes by off_change', async ({ database }) => {
    const { owner, as } = await onPlatform(database)
    await owner.query(`select supaqueue.on_change('auth.users', 'welcome', events => '{insert}')`)

    await as('supabase_auth_admin', `insert into auth.users (email) values ('grace@example.com')`)
    expect(await payloads(owner)).toMatchObject([
      { type: 'INSERT', schema: 'auth', table: 'users', record: { email: 'grace@example.com' } },
    ])

    await owner.query(`select supaqueue.off_change('users_welcome')`)
    await as('supabase_auth_admin', `insert into auth.users (email) values ('ada@example.com')`)
    expect(await payloads(owner)).toEqual([])
  })

  test('lets a user sign up when its queue, its rows or all of supaqueue are gone', async ({ database }) => {
    const { admin, owner, as } = await onPlatform(database)
    await owner.query(`select supaqueue.on_change('auth.users', 'welcome')`)

    await owner.query(`select supaqueue.delete_queue('welcome')`)
    await as('supabase_auth_admin', `insert into auth.users (email) values ('grace@example.com')`)

    await owner.query(`
      select supaqueue.create_queue('welcome', 'hello');
      select supaqueue.on_change('auth.users', 'welcome')`)
    await owner.query('drop schema supaqueue, supaqueue_internal cascade')
    await as('supabase_auth_admin', `insert into auth.users (email) values ('ada@example.com')`)
    expect((await admin.query('select from auth.users')).rowCount).toBe(2)
  })

  test('captures uploads under row level security, and none that it refuses', async ({ database }) => {
    const { admin, owner, as } = await onPlatform(database)
    await admin.query(`
      insert into storage.buckets (id, name) values ('open', 'open'), ('closed', 'closed');
      grant insert, select on storage.objects to authenticated;
      create policy mine on storage.objects for insert to authenticated with check (bucket_id = 'open')`)
    await owner.query(
      `select supaqueue.on_change('storage.objects', 'welcome', events => '{insert}', "when" => 'new.bucket_id = ''open''')`,
    )

    await as('authenticated', `insert into storage.objects (bucket_id, name) values ('open', 'a.png')`)
    const refused = await refusal(
      as('authenticated', `insert into storage.objects (bucket_id, name) values ('closed', 'b.png')`),
    )
    expect(refused.code).toBe('42501')
    await as('supabase_storage_admin', `insert into storage.objects (bucket_id, name) values ('closed', 'c.png')`)
    expect((await payloads(owner)).map(({ record }) => record.name)).toEqual(['a.png'])
  })

  test('is not made on tables of others, who could have it run what they like', async ({ database }) => {
    const { admin, owner } = await onPlatform(database)
    // Roles belong to the whole server.
    const stranger = `stranger_${database.name}`
    await admin.query(`
      create role ${stranger}; create schema theirs authorization ${stranger}; create table theirs.rows (id integer);
      alter table theirs.rows owner to ${stranger}; grant usage on schema theirs to postgres; grant all on theirs.rows to postgres`)
    expect(await refusal(owner.query(`select supaqueue.on_change('theirs.rows', 'welcome')`))).toMatchObject({
      code: 'SQ403',
      hint: expect.stringContaining('alter table theirs.rows owner to postgres'),
    })
    await admin.query(`drop schema theirs cascade; drop role ${stranger}`)
  })
})

import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type pg from 'pg'
import { readOwn } from '../../scripts/cli/place.ts'
import { triggersCheck } from '../../scripts/cli/checks/triggers.ts'
import { openDatabase } from '../../scripts/cli/project/database.ts'
import type { Project } from '../../scripts/cli/project/project.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { blocksOf, readPage } from '../support/markdown.ts'

// docs/triggers.md, written by the roles that write those tables on the platform; and what doctor says of triggers.

let database: TestDatabase
let admin: pg.Client
let owner: pg.Client
beforeEach(async () => {
  database = await testDatabase()
  admin = await database.connect('admin')
  owner = await database.connect('owner')
  await admin.query(readOwn('scripts/dev/project/platform.sql'))
  for (const { code } of blocksOf(readPage('docs/triggers.md'))) await owner.query(code)
  await owner.query(`
    grant all on public.uploads, public.pages to anon, authenticated, service_role;
    delete from supaqueue.job`)
})
afterEach(() => database?.drop())

async function as(role: string, sql: string) {
  await admin.query(`set role ${role}`)
  try {
    return await admin.query(sql)
  } finally {
    await admin.query('reset role')
  }
}

const payloads = async () =>
  (await owner.query('select payload from supaqueue.job order by id')).rows.map(({ payload }) => payload)

async function doctor() {
  const db = openDatabase(database.ownerUrl)
  try {
    return await triggersCheck.inspect({ db } as Project, () => Promise.resolve({ findings: [], processes: [] }))
  } finally {
    await db.end()
  }
}

describe('the recipes', () => {
  test.for(['anon', 'authenticated', 'service_role'])('enqueue when %s writes', async (role) => {
    await as(role, `insert into public.uploads (path) values ('a.png')`)
    await as(role, `insert into public.pages (url) values ('https://a.example'), ('https://b.example')`)

    expect(await payloads()).toMatchObject([{ path: 'a.png' }, { url: 'https://a.example' }, {
      url: 'https://b.example',
    }])
  })

  test('enqueue when somebody signs up', async () => {
    await as('supabase_auth_admin', `insert into auth.users (email) values ('grace@example.com')`)

    expect(await payloads()).toMatchObject([{ email: 'grace@example.com' }])
  })

  test('let a user sign up when the job cannot be enqueued', async () => {
    await owner.query(`delete from supaqueue.queue where name = 'welcome'`)
    await as('supabase_auth_admin', `insert into auth.users (email) values ('grace@example.com')`)

    expect((await admin.query(`select from auth.users where email = 'grace@example.com'`)).rows).toHaveLength(1)
    expect(await payloads()).toEqual([])
  })

  test('give users no way to call the functions, nor to enqueue', async () => {
    await expect(as('authenticated', 'select public.resize_photo()')).rejects.toThrow('permission denied')
    await expect(as('authenticated', `select supaqueue.enqueue('resize', '{}')`)).rejects.toThrow('permission denied')
  })

  test('are well by doctor', async () => {
    expect(await doctor()).toMatchObject({ ok: true })
  })
})

describe('doctor names a trigger that runs with the rights of', () => {
  test('users, and what it says to do fixes it', async () => {
    await owner.query('alter function public.resize_photo() security invoker')
    await expect(as('authenticated', `insert into public.uploads (path) values ('a.png')`))
      .rejects.toThrow('permission denied for schema supaqueue')

    const { ok, detail, fix } = await doctor()
    expect(ok).toBe(false)
    expect(detail).toMatch(
      /resize_photo\(\) runs as whoever writes public\.uploads: for authenticated .*permission denied for schema supaqueue/,
    )

    await owner.query(fix!.replace(/;.*/, ''))
    await as('authenticated', `insert into public.uploads (path) values ('a.png')`)
    expect(await payloads()).toHaveLength(1)
    expect(await doctor()).toMatchObject({ ok: true })
  })

  test('whoever signs users up', async () => {
    await owner.query('alter function public.welcome_user() security invoker')

    expect((await doctor()).detail).toMatch(/welcome_user\(\).*auth\.users.*supabase_auth_admin/)
  })

  test('an owner who may not enqueue', async () => {
    // What a first try has left is its own.
    const role = `app_owner_${randomUUID().replaceAll('-', '')}`
    await admin.query(`create role ${role}; alter function public.fetch_pages() owner to ${role}`)

    expect((await doctor()).detail).toContain(`fetch_pages() on public.pages runs as ${role}`)
    await admin.query(`alter function public.fetch_pages() owner to postgres; drop role ${role}`)
  })

  test('nobody whom the table is closed to, and nobody once it is switched off', async () => {
    await owner.query(
      'alter function public.resize_photo() security invoker; revoke all on public.uploads from anon, authenticated',
    )
    expect(await doctor()).toMatchObject({ ok: true })

    await owner.query('grant insert on public.uploads to anon')
    expect((await doctor()).detail).toContain('for anon')
    await owner.query('alter table public.uploads disable trigger resize_photo')
    expect(await doctor()).toMatchObject({ ok: true })
  })
})

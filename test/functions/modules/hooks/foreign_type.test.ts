import { describe, expect } from 'vitest'
import { type Harness, harness as harnessOf, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'
import type { TestDatabase } from '../../../support/database.ts'
import { nobody } from '../../../adversaries/nobody.ts'

// Whoever owns a type says by a cast what becomes of it as JSON, and a hook makes JSON of rows with the rights of its owner.

async function scene(database: TestDatabase) {
  const owner = harnessOf(await database.connect('owner'))
  const admin = await database.connect('admin')
  const stranger = await nobody(database)
  const role = `nobody_${database.name}`
  await admin.query(`create schema theirs authorization ${role}; grant usage on schema theirs to public`)
  await stranger.query(`
    create type theirs.mood as enum ('sad', 'glad');
    create domain theirs.kind as theirs.mood;
    create type theirs.both as (mood theirs.mood, n integer);
    create table theirs.caught (who text);
    grant insert on theirs.caught to public;
    create function theirs.as_json(theirs.mood) returns json language plpgsql as $$
      begin insert into theirs.caught values (current_user); return '1'; end $$;
    create cast (theirs.mood as json) with function theirs.as_json(theirs.mood)`)
  const queue = await owner.queue()
  const caught = async () => (await stranger.query('select who from theirs.caught')).rows.map(({ who }) => who)
  return { owner, admin, stranger, role, queue, caught }
}

const jobs = async (owner: Harness) =>
  (await owner.db.query('select payload, origin from supaqueue.job order by id')).rows

describe('a type that somebody else owns', () => {
  test.for(['theirs.mood', 'theirs.mood[]', 'theirs.kind', 'theirs.both', 'theirs.both[]', 'theirs.caught'])(
    'is refused for a column of a table with a hook: %s',
    async (type, { ownDatabase }) => {
      const { owner, queue, role } = await scene(ownDatabase)
      await owner.db.query(`create table public.faces (id integer primary key, mood ${type})`)

      const work = owner.db.query(`select supaqueue.on_change('public.faces', $1)`, [queue])

      expect(await refusal(work)).toMatchObject({
        code: 'SQ403',
        message: expect.stringMatching(new RegExp(`column mood belongs to ${role}`)),
        hint: expect.stringContaining('alter type '),
      })
    },
  )

  test('within a type of our own, too', async ({ ownDatabase }) => {
    const { owner, queue } = await scene(ownDatabase)
    await owner.db.query(`
      create type public.face as (mood theirs.mood);
      create table public.faces (id integer primary key, face public.face)`)

    expect((await refusal(owner.db.query(`select supaqueue.on_change('public.faces', $1)`, [queue]))).code).toBe(
      'SQ403',
    )
  })

  test.for(['', `, ignore => '{note}'`, `, payload => 'changes'`, `, payload => 'keys'`, ', soft => true'])(
    'of a column that came later runs nothing as the owner of the hook, and its job says that rows are left out%s',
    async (more, { ownDatabase }) => {
      const { owner, admin, queue, caught } = await scene(ownDatabase)
      await owner.db.query(`
        create table public.faces (id integer primary key, note text);
        grant all on public.faces to service_role`)
      await owner.db.query(`select supaqueue.on_change('public.faces', $1${more})`, [queue])
      await owner.db.query(`alter table public.faces add column mood theirs.mood`)

      await admin.query('set role service_role')
      await admin.query(`insert into public.faces values (1, 'a', 'sad'), (2, 'b', 'glad')`)
      await admin.query(`update public.faces set mood = 'glad'`)
      await admin.query('delete from public.faces')

      expect(await caught()).toEqual([])
      expect(await jobs(owner)).toEqual(['INSERT', 'UPDATE', 'DELETE'].map((type) => ({
        payload: { type, table: 'faces', schema: 'public', record: null, old_record: null },
        origin: expect.objectContaining({ 'hook-payload': 'none' }),
      })))
      expect((await owner.db.query('select distinct code from supaqueue.hook_fault')).rows).toEqual([{ code: 'SQ403' }])
    },
  )

  test('is no matter once it is given to the owner', async ({ ownDatabase }) => {
    const { owner, admin, queue, caught } = await scene(ownDatabase)
    await owner.db.query(`create table public.faces (id integer primary key, mood theirs.mood)`)
    await admin.query(`drop cast (theirs.mood as json); alter type theirs.mood owner to postgres`)
    await owner.db.query(`select supaqueue.on_change('public.faces', $1)`, [queue])

    await owner.db.query(`insert into public.faces values (1, 'glad')`)

    expect((await jobs(owner))[0].payload.record).toEqual({ id: 1, mood: 'glad' })
    expect(await caught()).toEqual([])
  })
})

test('foreign_type finds nothing in a table of types of the system and of the owner', async ({ another }) => {
  const owner = await another('owner')
  await owner.begin()
  await owner.db.query(`
    create type public.own_mood as enum ('a');
    create table public.own_faces (id uuid, n numeric(10, 2)[], j jsonb, mood public.own_mood, moods public.own_mood[], r int4range)`)

  const { rows } = await owner.db.query(
    `select supaqueue_internal.foreign_type(array['public.own_faces'::regclass::oid]) as found`,
  )
  await owner.rollback()

  expect(rows).toEqual([{ found: null }])
})

import { expect } from 'vitest'
import { refusal } from '../../../support/refusal.ts'
import { harness, test } from '../../../support/harness.ts'

test('unseen_part finds a foreign table at any depth, beside which a hook would have writes refused', async ({ ownDatabase }) => {
  const admin = await ownDatabase.connect('admin')
  const { hostname, port, pathname, username, password } = new URL(ownDatabase.ownerUrl)
  await admin.query(`
    create extension postgres_fdw;
    create server elsewhere foreign data wrapper postgres_fdw
      options (host '${hostname}', port '${port}', dbname '${pathname.slice(1)}');
    create user mapping for postgres server elsewhere options (user '${username}', password '${password}');
    grant usage on foreign server elsewhere to postgres`)
  const owner = harness(await ownDatabase.connect('owner'))
  const queue = await owner.queue()
  await owner.db.query(`
    create table public.source (id integer, place integer);
    create table public.parts (id integer, place integer) partition by list (place);
    create table public.near partition of public.parts for values in (1);
    create table public.lower partition of public.parts for values in (2, 3) partition by list (place)`)
  const unseen = async () =>
    (await owner.db.query(`select supaqueue_internal.unseen_part('public.parts'::regclass)::text as part`)).rows[0].part
  const triggers = async () =>
    (await owner.db.query(`select from pg_trigger where tgrelid = 'public.near'::regclass`)).rowCount
  const keep = async () => await owner.db.query('select supaqueue_internal.keep_hooks(10)')
  const states = async () => (await owner.db.query('select distinct state from supaqueue_internal.hook_gaps()')).rows

  expect(await unseen()).toBeNull()
  const make = () => owner.db.query(`select supaqueue.on_change('public.parts', $1)`, [queue])
  await make()
  expect(await triggers()).toBe(3)

  await owner.db.query(
    `create foreign table public.far partition of public.lower for values in (3) server elsewhere options (table_name 'source')`,
  )
  expect(await unseen()).toBe('far')
  const write = () => owner.db.query('insert into public.parts values (1, 3)')
  expect(await refusal(write())).toMatchObject({
    message: 'cannot collect transition tuples from child foreign tables',
  })
  await keep()
  expect(await triggers()).toBe(0)
  await write()
  expect(await states()).toEqual([{ state: 'foreign' }])
  const { rows: [{ health }] } = await owner.db.query('select supaqueue.health() as health')
  expect(JSON.stringify(health)).toContain('misses all changes of public.parts: public.far')
  expect(await refusal(make())).toMatchObject({
    code: 'SQ422',
    message: expect.stringContaining('far, which is a part of it'),
  })

  await owner.db.query('drop foreign table public.far')
  await keep()
  expect(await triggers()).toBe(3)
  expect(await states()).toEqual([])
})

import { expect } from 'vitest'
import { REMEMBER_GRANTS } from '../../../scripts/cli/database/units.ts'
import { test } from '../../support/harness.ts'

/** Who may run it, but for the owner. */
const callers = `
  select coalesce(nullif(granted.grantee, 0)::regrole::text, 'public') as role
  from pg_proc cross join lateral aclexplode(proacl) as granted
  where oid = $1::regprocedure and granted.grantee <> proowner order by 1`

const keep = 'select supaqueue_internal.keep_rights()'

test('lets service_role run a function that was just made, and nobody else', async ({ ownDatabase }) => {
  const owner = await ownDatabase.connect('owner')
  await owner.query(`create function supaqueue.fresh() returns integer language sql as 'select 1'`)

  await owner.query(keep)

  expect((await owner.query(callers, ['supaqueue.fresh()'])).rows).toEqual([{ role: 'service_role' }])
})

test('takes back what was granted on the whole schema to those who come from outside', async ({ ownDatabase }) => {
  const owner = await ownDatabase.connect('owner')
  await owner.query(`
    grant all on all routines in schema supaqueue, supaqueue_internal to anon, authenticated, service_role, public`)

  await owner.query(keep)

  const { rows } = await owner.query(`
    select oid::regprocedure::text as name from pg_proc
    where pronamespace in ('supaqueue'::regnamespace, 'supaqueue_internal'::regnamespace)
      and (has_function_privilege('anon', oid, 'execute') or has_function_privilege('authenticated', oid, 'execute'))`)
  expect(rows).toEqual([])
})

test('keeps from service_role what is for the owner alone, and triggers', async ({ ownDatabase }) => {
  const owner = await ownDatabase.connect('owner')
  await owner.query('grant all on all routines in schema supaqueue, supaqueue_internal to service_role')

  await owner.query(keep)

  const { rows } = await owner.query(`
    select proname as name from pg_proc
    where pronamespace in ('supaqueue'::regnamespace, 'supaqueue_internal'::regnamespace)
      and (prorettype = 'trigger'::regtype or proname in ('on_change', 'schedule_sweep', 'rotate_webhook_secret'))
      and has_function_privilege('service_role', oid, 'execute')`)
  expect(rows).toEqual([])
})

test('leaves alone what somebody has granted to a role of their own', async ({ ownDatabase }) => {
  const owner = await ownDatabase.connect('owner')
  await owner.query(
    'grant execute on function supaqueue.pause(text, timestamptz, text) to pg_monitor',
  )

  await owner.query(keep)

  const { rows } = await owner.query(callers, ['supaqueue.pause(text, timestamptz, text)'])
  expect(rows).toEqual([{ role: 'pg_monitor' }, { role: 'service_role' }])
})

test('gives what was granted on a function that is gone to the one that came in its place, and nothing else', async ({ ownDatabase }) => {
  const owner = await ownDatabase.connect('owner')
  await owner.query(`
    create function supaqueue.fresh(integer) returns integer language sql as 'select 1';
    create function supaqueue.fresh(text) returns integer language sql as 'select 1';
    grant execute on function supaqueue.fresh(integer) to pg_monitor;
    grant execute on function supaqueue.fresh(integer) to authenticated`)
  await owner.query(REMEMBER_GRANTS)
  await owner.query(`drop function supaqueue.fresh(integer);
    create function supaqueue.fresh(integer, integer) returns integer language sql as 'select 1'`)

  await owner.query(keep)

  expect((await owner.query(callers, ['supaqueue.fresh(integer, integer)'])).rows).toEqual([{ role: 'pg_monitor' }, {
    role: 'service_role',
  }])
  expect((await owner.query(callers, ['supaqueue.fresh(text)'])).rows).toEqual([{ role: 'service_role' }])
  // Once: what is taken back afterwards stays so.
  await owner.query('revoke execute on function supaqueue.fresh(integer, integer) from pg_monitor')
  await owner.query(keep)
  expect((await owner.query(callers, ['supaqueue.fresh(integer, integer)'])).rows).toEqual([{ role: 'service_role' }])
})

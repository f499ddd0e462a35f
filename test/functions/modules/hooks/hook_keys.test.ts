import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test('hook_keys knows the columns of a primary key, in its order, and their operators', async ({ another }) => {
  const owner = await another('owner')
  await owner.db.query(`
    create type public.mood as enum ('good', 'bad');
    create table public.keyed (a integer, "b B" text, c public.mood, d integer, primary key (c, "b B", a) include (d));
    create table public.unkeyed (a integer unique)`)

  const { rows } = await owner.db.query(`
    select (supaqueue_internal.hook_keys(name::regclass)).* from unnest('{public.keyed,public.unkeyed}'::text[]) as name`)

  const equal = 'operator(pg_catalog.=)'
  expect(rows).toEqual([
    { names: ['c', 'b B', 'a'], operators: [equal, equal, equal] },
    { names: [], operators: [] },
  ])
})

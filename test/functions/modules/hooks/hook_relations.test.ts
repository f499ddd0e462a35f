import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test('hook_relations is the table, with all its partitions, and without tables that only inherit', async ({ another }) => {
  const owner = await another('owner')
  await owner.db.query(`
    create table public.tree (id integer, k integer) partition by list (k);
    create table public.tree_1 partition of public.tree for values in (1) partition by list (id);
    create table public.tree_1_1 partition of public.tree_1 for values in (1);
    create table public.plain (id integer);
    create table public.heir () inherits (public.plain)`)
  const relations = async (name: string) =>
    (await owner.db.query(
      `select array_agg(one::regclass::text) as names from unnest(supaqueue_internal.hook_relations('public', $1)) as one`,
      [name],
    )).rows[0].names

  expect(await relations('tree')).toEqual(['tree', 'tree_1', 'tree_1_1'])
  expect(await relations('plain')).toEqual(['plain'])
  expect(await relations('nothing')).toBe(null)
})

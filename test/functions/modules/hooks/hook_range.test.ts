import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test('hook_range has the rows between two keys, by its index', async ({ another }) => {
  const owner = await another('owner')
  await owner.db.query(`
    create table public.ranged (b text, a integer, primary key (a, b));
    insert into public.ranged select 'x' || i % 3, i / 3 from generate_series(0, 29) as i`)
  const range = async (after: string[] | null, upto: string[] | null) =>
    (await owner.db.query(`select supaqueue_internal.hook_range('public.ranged'::regclass, 't', $1, $2) as sql`, [
      after && JSON.stringify(after),
      upto && JSON.stringify(upto),
    ])).rows[0].sql
  const found = async (after: string[] | null, upto: string[] | null) =>
    (await owner.db.query(`select a, b from public.ranged as t where ${await range(after, upto)} order by a, b`)).rows
      .map(({ a, b }) => a + b)

  expect(await range(null, null)).toBe('true')
  expect(await found(['1', 'x1'], ['2', 'x1'])).toEqual(['1x2', '2x0', '2x1'])
  expect(await found(['8', 'x2'], null)).toEqual(['9x0', '9x1', '9x2'])
  expect(await found(null, ['0', 'x1'])).toEqual(['0x0', '0x1'])
  const { rows } = await owner.db.query(
    `set enable_seqscan = off; explain select from public.ranged as t where ${await range(['1', 'x1'], ['2', 'x1'])}`,
  ).then(
    (results) => (results as unknown as { rows: Record<string, string>[] }[])[1]!,
  )
  expect(JSON.stringify(rows)).toContain('Index Cond: ((a >= 1) AND (a <= 2))')
})

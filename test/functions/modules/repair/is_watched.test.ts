import { expect } from 'vitest'
import { harness as harnessOf, test } from '../../../support/harness.ts'

test('nothing of ours is taken for something of the user', async ({ harness }) => {
  const { rows } = await harness.db.query('select supaqueue_internal.is_watched() as watched')

  expect(rows).toEqual([{ watched: false }])
})

test.for(
  [
    [
      'a trigger on a table',
      'create trigger mine after update on supaqueue.worker for each row execute function public.mine()',
    ],
    ['a foreign key to a table', 'create table public.receipt (job bigint references supaqueue.job on delete cascade)'],
  ] as const,
)('%s of ours is one', async ([, sql], { ownDatabase }) => {
  const owner = await ownDatabase.connect('owner')
  await owner.query(`create function public.mine() returns trigger language plpgsql as 'begin return null; end'`)
  await owner.query(sql)

  const { rows } = await (await ownDatabase.connect()).query('select supaqueue_internal.is_watched() as watched')

  expect(rows).toEqual([{ watched: true }])
})

test('jobs that a table of the user refers to are deleted in turn, and one that cannot be is set aside', async ({ ownDatabase }) => {
  const harness = harnessOf(await ownDatabase.connect())
  const owner = await ownDatabase.connect('owner')
  await owner.query('create table public.receipt (job bigint references supaqueue.job)')
  const queue = await harness.queue()
  await harness.db.query(`insert into supaqueue.job (queue, status) select $1, 'success' from generate_series(1, 30)`, [
    queue,
  ])
  await harness.db.query(`update supaqueue.job set finished_at = now() - interval '8 days'`)
  await owner.query('insert into public.receipt select min(id) from supaqueue.job')

  for (let sweep = 0; sweep < 3; sweep++) await harness.sweep()

  expect((await harness.db.query('select from supaqueue.job')).rowCount).toBe(1)
  expect((await harness.db.query('select kind, code from supaqueue.trouble')).rows).toEqual([{
    kind: 'prune',
    code: '23503',
  }])
})

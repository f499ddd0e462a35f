import { expect } from 'vitest'
import { refusal } from '../../../support/refusal.ts'
import { test } from '../../../support/harness.ts'

test('find_hook_table takes what on_change may put a hook on, and looks at every partition', async ({ another, database }) => {
  const owner = await another('owner')
  await owner.db.query(`
    create table public.whole (id integer) partition by list (id);
    create table public.part partition of public.whole for values in (1);
    create view public.view as select 1 as one;
    create temporary table brief (id integer)`)
  const find = (name: string) =>
    owner.db.query('select supaqueue_internal.find_hook_table($1)::regclass::text as found', [name])

  expect((await find('public.whole')).rows).toEqual([{ found: 'whole' }])
  for (const name of ['public.view', 'brief', 'pg_temp.brief', 'pg_catalog.pg_class']) {
    expect(['SQ404', 'SQ422']).toContain((await refusal(find(name))).code)
  }

  await (await database.connect('admin')).query('alter table public.part owner to service_role')
  expect(await refusal(find('public.whole'))).toMatchObject({
    code: 'SQ403',
    message: expect.stringContaining('part belongs to service_role'),
  })
})

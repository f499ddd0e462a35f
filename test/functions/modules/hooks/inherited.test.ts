import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { type Harness, harness, test } from '../../../support/harness.ts'

// Tables that inherit from one with a hook, where a key may stand in several: each has its own primary key.

const tables = ['animal', 'dog', 'puppy']

async function animals(owner: Harness, more = ''): Promise<void> {
  await owner.db.query(`
    create table public.animal (id integer primary key, tag text, v integer);
    create table public.dog (gone text, primary key (id)) inherits (public.animal);
    alter table public.dog drop column gone;
    alter table public.dog add column barks boolean;
    create table public.puppy (primary key (id)) inherits (public.dog)`)
  await owner.queue({ name: 'q', ...more && { ordered: 'key', dedupe_until: 'begun' } })
  await owner.db.query(`select supaqueue.on_change('public.animal', 'q'${more})`)
}

/** Rows by their tags, which say of which table each is and never change; as the parent has them. */
const rows = async ({ db }: Harness) =>
  new Map<string, { id: number; tag: string; v: number }>(
    (await db.query('select to_jsonb(a) as row from public.animal as a')).rows.map(({ row }) => [row.tag, row]),
  )

const id = fc.integer({ min: 1, max: 6 })
const statement = fc.oneof(
  fc.tuple(id, fc.nat(3), fc.nat(2)).map(([from, many, v]) =>
    `update public.animal set v = ${v} where id between ${from} and ${from + many}`
  ),
  fc.tuple(id, fc.constantFrom(...tables)).map(([id, table]) =>
    `update public.animal set v = v + 1 where tag = '${table} ${id}'`
  ),
  fc.tuple(id, fc.nat(2)).map(([id, v]) => `update only public.animal set v = ${v} where id = ${id}`),
  fc.tuple(id, fc.nat(3)).map(([from, many]) =>
    `update public.animal set id = id + 10 where id between ${from} and ${from + many}`
  ),
  fc.tuple(id, fc.constantFrom(...tables)).map(([id, table]) =>
    `delete from public.animal where tag = '${table} ${id}'`
  ),
  id.map((id) => `delete from public.animal where id = ${id}`),
)

describe('a hook on a table that others inherit from', () => {
  test('makes of each row of a statement its own change, also where a key stands in several tables', async ({ ownDatabase }) => {
    const owner = harness(await ownDatabase.connect('owner'))
    await animals(owner)
    await fc.assert(
      fc.asyncProperty(fc.array(statement, { minLength: 1, maxLength: 8 }), async (statements) => {
        await owner.db.query(`set supaqueue.silent_hooks = '*'; delete from public.animal where true`)
        for (const table of tables) {
          await owner.db.query(`
            insert into public.${table} (id, tag, v) select i, '${table} ' || i, 0 from generate_series(1, 6) as i`)
        }
        await owner.db.query('reset supaqueue.silent_hooks; delete from supaqueue.job where true')

        for (const sql of statements) {
          const before = await rows(owner)
          await owner.db.query(sql)
          const after = await rows(owner)
          const demanded = [...before.values()].flatMap((was): object[] => {
            const is = after.get(was.tag)
            if (is && is.id === was.id) return is.v === was.v ? [] : [{ type: 'UPDATE', record: is, old_record: was }]
            return [
              { type: 'DELETE', record: null, old_record: was },
              ...is ? [{ type: 'INSERT', record: is, old_record: null }] : [],
            ]
          })
          const made = (await owner.db.query('delete from supaqueue.job where true returning payload')).rows.map((
            { payload: { type, record, old_record } },
          ) => ({ type, record, old_record }))
          const sorted = (listed: unknown[]) => listed.map((one) => JSON.stringify(one)).sort()
          expect({ sql, made: sorted(made) }).toEqual({ sql, made: sorted(demanded) })
        }
        expect((await owner.db.query('select from supaqueue.hook_fault')).rowCount).toBe(0)
      }),
      { numRuns: Number(process.env.HOOK_RUNS ?? 25) },
    )
  })

  test('backfills each row once, whatever table it is in', async ({ ownDatabase }) => {
    const owner = harness(await ownDatabase.connect('owner'))
    await animals(owner)
    for (const table of tables) {
      await owner.db.query(`
        insert into public.${table} (id, tag, v) select i, '${table} ' || i, 0 from generate_series(1, 6) as i`)
    }
    for (const slice of [1, 2, 3, 4, 5, 7]) {
      await owner.db.query('delete from supaqueue.job where true')
      await owner.db.query(`select supaqueue.backfill('animal_q', rate => 1000000, any_order => true)`)
      await owner.db.query(`update supaqueue.backfill set slice = $1 where status = 'running'`, [slice])
      for (let i = 0; i < 30; i++) await owner.db.query('select supaqueue_internal.run_backfills()')

      expect((await owner.db.query(`select from supaqueue.backfill where status = 'running'`)).rowCount).toBe(0)
      const { rows } = await owner.db.query(`select payload #>> '{record,tag}' as tag from supaqueue.job`)
      expect(rows.map(({ tag }) => tag).sort()).toEqual(
        tables.flatMap((table) => [1, 2, 3, 4, 5, 6].map((i) => `${table} ${i}`)).sort(),
      )
    }
  })

  test('has the rows of one key in one line, where its jobs are ordered or coalesce', async ({ ownDatabase }) => {
    const owner = harness(await ownDatabase.connect('owner'))
    await animals(owner, `, ordered => 'key', coalesces => 'key'`)
    await owner.db.query(`set supaqueue.silent_hooks = '*'`)
    for (const table of tables) await owner.db.query(`insert into public.${table} values (1, '${table}', 0)`)
    await owner.db.query('reset supaqueue.silent_hooks')

    await owner.db.query('update public.animal set v = 1')
    const { rows } = await owner.db.query(
      `select concurrency_key, payload #>> '{record,tag}' as tag from supaqueue.job order by id`,
    )
    expect(rows.map(({ concurrency_key }) => concurrency_key)).toEqual(Array(rows.length).fill('public.animal:1'))
    // Nothing that is another row's is taken in within one statement; later changes are, as one of the key.
    expect(rows.map(({ tag }) => tag).sort()).toEqual(['animal', 'dog', 'puppy'])
  })
})

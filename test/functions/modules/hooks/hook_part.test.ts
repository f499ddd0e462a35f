import fc from 'fast-check'
import { expect } from 'vitest'
import { harness, test } from '../../../support/harness.ts'
import { begin } from './backfilled.ts'
import { hooked } from './hooked.ts'

// Whatever a session may set that another text of the same value comes of.
const STYLES: Record<string, string[]> = {
  datestyle: ['ISO, YMD', 'SQL, DMY', 'German', 'Postgres, MDY'],
  timezone: ['UTC', 'Asia/Kolkata', 'America/St_Johns'],
  intervalstyle: ['postgres', 'sql_standard', 'iso_8601', 'postgres_verbose'],
  bytea_output: ['hex', 'escape'],
  extra_float_digits: ['1', '0', '-15'],
  xmlbinary: ['base64', 'hex'],
  lc_monetary: ['C', 'POSIX'],
  quote_all_identifiers: ['off', 'on'],
}
const style = fc.record(
  Object.fromEntries(Object.entries(STYLES).map(([name, values]) => [name, fc.constantFrom(...values)])),
)

// Each type with values that are rows of their own. Those in an inner list are one value, written in several ways.
const TYPES: [type: string, values: (string | string[])[]][] = [
  ['integer', ['0', '-1']],
  ['text', ['a', 'A', '', '2026-01-31T23:30:00+00:00', '2026-02-01T00:30:00+01:00', '1.0', '1.00']],
  ['char(3)', [['a', 'a  '], 'A']],
  ['date', ['2026-02-03', '2026-03-02', 'infinity', '0044-03-15 BC']],
  ['timestamp', ['2026-02-03 04:05:06.789', '2026-03-02 04:05:06.789']],
  ['timestamptz', [
    ['2026-01-31 23:30:00.25+00', '2026-02-01 05:00:00.25+05:30'],
    '2026-01-31 23:30:00.25+01',
    'infinity',
  ]],
  ['interval', [
    ['1 day', '24 hours', 'P1D'],
    ['1 month -1 day', '29 days'],
    '1 month',
    ['-1 mon 30 days', '0'],
    '100 years',
    '-3 days 4 hours',
  ]],
  ['bytea', ['\\x00ff5c', '\\x5c5c', '\\x']],
  ['float8', ['0.1', '0.30000000000000004', '0.3', '-0.5', 'NaN', 'Infinity', ['0', '-0']]],
  ['numeric', [['1', '1.0', '1.00'], '1.01', ['100', '1e2'], 'NaN']],
  ['jsonb', ['"1"', '1', '{"a": [1]}', 'null', '"null"']],
  ['regtype', ['pg_catalog.int4', 'pg_catalog.timestamptz']],
  ['tstzrange', [['[2026-01-31 23:30:00+00,)', '[2026-02-01 05:00:00+05:30,)'], '(,2026-01-31 23:30:00+00]']],
  ['tsmultirange', ['{[2026-02-03,2026-03-02)}', '{[2026-03-02,2026-04-01)}']],
  ['timestamptz[]', [['{2026-01-31 23:30:00+00}', '{2026-02-01 05:00:00+05:30}'], '{}']],
  ['bytea[]', ['{"\\\\x00ff"}', '{"\\\\x5c"}']],
  ['public.span', [['1 day', '24 hours'], '2 days']],
  ['public.instant', [['2026-01-31 23:30:00+00', '2026-02-01 05:00:00+05:30'], '2026-01-31 23:30:00+01']],
  ['public.place', [
    '("2026-01-31 23:30:00+00","1 month","\\\\x00ff",0.1)',
    '("2026-01-31 23:30:00+00","2 months","\\\\x00ff",0.1)',
  ]],
  ['public.citext', [['ann@example.com', 'Ann@Example.com'], 'bob@example.com']],
]

test('a row has one line, and a backfill one place, in whatever style a session writes the value of its key', async ({ ownDatabase }) => {
  const owner = harness(await ownDatabase.connect('owner'))
  await owner.db.query(`
    create extension citext schema public;
    create domain public.span as interval;
    create domain public.moment as timestamptz;
    create domain public.instant as public.moment;
    create type public.place as (at timestamptz, took interval, digest bytea, part float8)`)
  const dress = (settings: Record<string, string>) =>
    owner.db.query('select set_config(key, value, false) from json_each_text($1)', [JSON.stringify(settings)])

  const plain = Object.fromEntries(Object.entries(STYLES).map(([name, values]) => [name, values[0]!]))
  const unlike = Object.fromEntries(Object.entries(STYLES).map(([name, values]) => [name, values.at(-1)!]))

  for (const [type, values] of TYPES) {
    const rows = values.map((value) => typeof value === 'string' ? [value] : value)
    const photos = await hooked(owner, '', `id ${type} primary key, path text`)
    await owner.db.query(
      `update supaqueue.queue set ordered = 'key', per_key = 1, dedupe_until = 'begun', mode = 'pull' where id = $1`,
      [photos.queue],
    )
    await photos.say(`ordered => 'key', coalesces => 'key'`)
    // Read in one style, so that what a session writes is the same value.
    await dress(plain)
    await photos.run(`create table %t_forms (id ${type}, turn integer)`)
    for (const turn of [0, 1, 2]) {
      await photos.run(
        `insert into %t_forms select value::${type}, ${turn} from jsonb_array_elements_text('${
          JSON.stringify(rows.map((forms) => forms[turn % forms.length])).replaceAll("'", "''")
        }') as value`,
      )
    }

    await fc.assert(
      fc.asyncProperty(style, async (third) => {
        const styles = [plain, unlike, third]
        for (const [turn, settings] of styles.entries()) {
          await dress(settings)
          await photos.run(
            `insert into %t select id, '${turn}' from %t_forms where turn = ${turn}
             on conflict (id) do update set id = excluded.id, path = excluded.path`,
          )
        }
        const jobs = await photos.jobs()
        expect({ type, paths: jobs.map(({ payload: { record } }) => (record as { path: string }).path) })
          .toEqual({ type, paths: rows.map(() => '2') })

        // Slice by slice, each in another session's style: each row once.
        await owner.db.query(
          `update supaqueue.backfill set status = 'done', finished_at = now() where status = 'running'`,
        )
        const id = await begin(owner, photos)
        for (let i = 0; i <= rows.length; i += 2) {
          await dress(styles[i % styles.length]!)
          await owner.db.query(
            `update supaqueue.backfill
             set after = coalesce((select array(select jsonb_array_elements_text(nullif(slice -> 'last', 'null')))
               from supaqueue_internal.backfill_slice(backfill, 2) as slice where slice ->> 'rows' > '0'), after)
             where id = $1`,
            [id],
          )
        }
        expect({ type, many: (await photos.jobs()).length }).toEqual({ type, many: rows.length })
        await owner.db.query(`set supaqueue.silent_hooks = '*'`)
        await photos.run('delete from %t')
        await owner.db.query('reset supaqueue.silent_hooks')
      }),
      { numRuns: 1, endOnFailure: true },
    )
    expect({ type, faults: await photos.faults() }).toEqual({ type, faults: [] })
  }

  // A column whose type is another since the hook was made.
  await dress(plain)
  const photos = await hooked(owner, '', 'id text primary key, path text')
  await owner.db.query(`update supaqueue.queue set dedupe_until = 'begun', mode = 'pull' where id = $1`, [photos.queue])
  await photos.say(`coalesces => 'key'`)
  await photos.run('alter table %t alter column id type timestamptz using id::timestamptz')
  await photos.run(`insert into %t values ('2026-01-31 23:30:00+00', 'a')`)
  await dress(unlike)
  await photos.run(`update %t set path = 'b'`)
  expect(await photos.types()).toEqual(['INSERT'])
})

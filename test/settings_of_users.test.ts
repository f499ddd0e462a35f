import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { describe, expect } from 'vitest'
import { applyDatabase } from '../scripts/cli/database/apply.ts'
import { addonFiles } from '../scripts/cli/database/addons.ts'
import { functionFiles } from '../scripts/cli/database/files.ts'
import { type TestDatabase, testDatabase } from './support/database.ts'
import { harness, test } from './support/harness.ts'

// What people set for a database or a role, and forget. An isolation level is not among them: a turn refuses it, and says so.
const settings = [
  `"plpgsql.extra_errors" = 'all'`,
  `datestyle = 'SQL, DMY'`,
  `datestyle = 'German'`,
  `intervalstyle = 'sql_standard'`,
  `intervalstyle = 'iso_8601'`,
  `timezone = 'Pacific/Chatham'`,
  `bytea_output = 'escape'`,
  `array_nulls = off`,
  `transform_null_equals = on`,
  `extra_float_digits = -15`,
  `xmloption = 'document'`,
  `search_path = ''`,
  `"plpgsql.variable_conflict" = 'use_column'`,
]

/** What goes together, and changes no word of what one meets. */
const more = [
  // How texts are read and written, and errors said.
  [
    `standard_conforming_strings = off`,
    `backslash_quote = off`,
    `escape_string_warning = on`,
    `quote_all_identifiers = on`,
    `client_min_messages = 'debug1'`,
    `timezone_abbreviations = 'Australia'`,
    `search_path = 'pg_temp, public, pg_catalog'`,
    `"plpgsql.extra_warnings" = 'all'`,
    `"plpgsql.print_strict_params" = on`,
    `lc_messages = 'C'`,
  ],
  // What is looked at, and how.
  [
    `check_function_bodies = off`,
    `row_security = off`,
    `plan_cache_mode = 'force_custom_plan'`,
    `enable_indexscan = off`,
    `enable_nestloop = off`,
    `enable_sort = off`,
    `from_collapse_limit = 1`,
    `join_collapse_limit = 1`,
    `cursor_tuple_fraction = 0`,
    `work_mem = '64kB'`,
    `"plpgsql.check_asserts" = off`,
  ],
  // How transactions begin and end.
  [
    `default_transaction_deferrable = on`,
    `idle_in_transaction_session_timeout = '30min'`,
    `idle_session_timeout = '30min'`,
    `lock_timeout = '20s'`,
    `statement_timeout = '5min'`,
    `synchronous_commit = off`,
    `plan_cache_mode = 'force_generic_plan'`,
    `lo_compat_privileges = on`,
  ],
]

const scrubbed = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value)
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uuid>')
      .replaceAll(/"\d{4}-\d\d-\d\d[T ][^"]*"/g, '"<time>"')
      .replaceAll(/\b\d{10,}\b/g, '<number>')
      .replaceAll(/\d+(\.\d+)? m?s\b/g, '<span>'),
  )

/** What a user meets on the way of some jobs, as far as it is the same each time. */
async function walk(database: TestDatabase): Promise<unknown> {
  const service = harness(await database.connect('service_role'))
  const owner = await database.connect('owner')
  const told: Record<string, unknown> = {}
  const note = async (name: string, db: pg.Client, sql: string, values: unknown[] = []) => {
    // The message without positions and places: what a person reads.
    told[name] = await db.query(sql, values).then(({ rows }) => rows, (reason) => `${reason.code}: ${reason.message}`)
  }
  const queue = await service.queue({ name: 'letters', workers: 2, max_attempts: 2, retry_base_ms: 0 })

  await note(
    'enqueue',
    service.db,
    `select supaqueue.enqueue('letters', $1, delay => '0 seconds', dedupe_key => $2)`,
    [`{"a": "b\\\\c"}`, 'k\\1'],
  )
  await note(
    'again',
    service.db,
    `select supaqueue.enqueue('letters', '{"a": 1}', dedupe_key => $1, on_conflict => 'skip')`,
    ['k\\1'],
  )
  await note(
    'many',
    service.db,
    `select supaqueue.enqueue_many('letters', '[{"payload": 1, "run_at": "2020-03-04 05:06:07+00"}, {"payload": null}]')`,
  )
  await note('unknown', service.db, `select supaqueue.enqueue('leters', '{}')`)
  await note('headers', service.db, `insert into supaqueue.job (queue, headers) values ($1, $2)`, [
    queue,
    `{"x-a": "b\\u0007"}`,
  ])
  await note(
    'schedule',
    service.db,
    `insert into supaqueue.schedule (name, queue, cron, time_zone) select 'nightly', $1, '5 2 1-7/2 * mon', 'Europe/Berlin' returning next_at is not null as planned`,
    [queue],
  )
  await note(
    'next',
    service.db,
    `select extract(epoch from supaqueue.next_time('15 2 * * *', 'America/New_York', '2026-03-07 12:00:00+00'))::text as at`,
  )
  await note('no zone', service.db, `select supaqueue.next_time('15 2 * * *', 'XYZ')`)
  const run = randomUUID()
  const taken = await service.turn(run, queue, { room: 5 })
  told.taken = taken.jobs.map(({ job }) => [job.payload, job.attempts])
  const [first, second] = taken.jobs.map(({ current_job }) => current_job.id)
  told.reported = (await service.turn(run, queue, {
    reports: [
      { token: first!, outcome: 'success', result: { said: 'a\\b' } },
      { token: second!, outcome: 'failed', error: `no answer within 500 ms from 'x' "y" 0x1f` },
    ],
    room: 5,
  })).stale
  await note('explain', service.db, `select supaqueue.explain(id) ->> 'text' as text from supaqueue.job order by id`)
  await note('failures', service.db, `select fingerprint, jobs from supaqueue.failures`)
  await note(
    'fingerprint',
    service.db,
    `select supaqueue.fingerprint('failed', 500, 'Key "cus_123" at 2026-01-02 03:04:05 0xff failed')`,
  )
  await note(
    'door',
    owner,
    `select supaqueue.allow('letters', 'anon', per_minute => 5, schema => '{"type": "object", "properties": {"at": {"type": "string", "format": "date-time"}, "mail": {"type": "string", "format": "email"}}}')`,
  )
  const anon = await database.connect('anon')
  await note(
    'through the door',
    anon,
    `select public.supaqueue_enqueue('letters', '{"at": "2026-01-02T03:04:05Z", "mail": "a@b.c"}') > 0 as taken`,
  )
  await note('refused at the door', anon, `select public.supaqueue_enqueue('letters', '{"at": "yesterday"}')`)
  await note('sweep', owner, `select leases_lost from supaqueue.sweep()`)
  await note(
    'metrics',
    service.db,
    `select count(*) > 10 as lines from unnest(string_to_array(supaqueue.metrics(), e'\\n')) as line`,
  )
  await note('overview', service.db, `select name, pending > 0 as waits from supaqueue.queue_overview`)
  await note('limit', service.db, `select supaqueue.set_max_rps('letters', 0.5, 3)`)
  await note('pause', service.db, `select supaqueue.pause('letters', '1 hour'::interval + now(), 'tea')`)
  await note('resume', service.db, `select supaqueue.resume('letters')`)
  await note('canary', service.db, `select supaqueue.retry_failures('letters')`)
  await note('states', service.db, `select status, attempts, error from supaqueue.job order by id`)
  return scrubbed(told)
}

describe('a database whose owner has set', () => {
  test.for(settings)('%s does all that one does without it', async (setting, { ownDatabase }) => {
    const expected = await walk(ownDatabase)

    const odd = await testDatabase()
    try {
      const admin = await odd.connect('admin')
      await admin.query(`alter database ${odd.name} set ${setting.replace(' = ', ' to ')}`)
      // An upgrade meets the same settings.
      await applyDatabase(odd.ownerUrl)

      expect(await walk(odd)).toEqual(expected)
    } finally {
      await odd.drop()
    }
  })
})

describe('a database whose owner has set', () => {
  test.for(more)('%j does all that one does without them', async (its, { ownDatabase }) => {
    const expected = await walk(ownDatabase)

    const odd = await testDatabase()
    try {
      const admin = await odd.connect('admin')
      for (const setting of its) await admin.query(`alter database ${odd.name} set ${setting.replace(' = ', ' to ')}`)
      await applyDatabase(odd.ownerUrl)

      expect(await walk(odd)).toEqual(expected)
    } finally {
      await odd.drop()
    }
  })
})

describe('a project whose roles have', () => {
  // All that go together at once: each by itself is above, as the database's.
  test.for([
    settings.filter((setting) => !/German|iso_8601/.test(setting)),
    settings.filter((setting) => !/SQL, DMY|sql_standard/.test(setting)),
  ])('%j does all that one does without it', async (its, { ownDatabase }) => {
    const expected = await walk(ownDatabase)

    const odd = await testDatabase()
    try {
      const admin = await odd.connect('admin')
      const { rows: [{ owner }] } = await admin.query(
        `select pg_get_userbyid(nspowner) as owner from pg_namespace where nspname = 'supaqueue'`,
      )
      for (const role of [owner, 'service_role', 'anon', 'authenticator']) {
        for (const setting of its) {
          // In this database alone: roles are of the whole server.
          await admin.query(`alter role ${role} in database ${odd.name} set ${setting.replace(' = ', ' to ')}`)
        }
      }
      await applyDatabase(odd.ownerUrl)
      const service = await odd.connect('service_role')
      expect((await service.query('show timezone')).rows).toEqual([{ TimeZone: 'Pacific/Chatham' }])

      expect(await walk(odd)).toEqual(expected)
    } finally {
      await odd.drop()
    }
  })
})

test.for([...functionFiles(), ...addonFiles('api')].map((file) => [file.path, file.sql] as const))(
  '%s reads its backslashes as they stand',
  ([, sql]) => {
    const plain = sql.replace(/^\s*--.*$/gm, '').replace(/\be'(?:[^'\\]|\\.|'')*'/gi, `''`)
    const strings = plain.match(/'(?:[^']|'')*'/g) ?? []

    if (/^create or replace function/m.test(sql) && strings.some((text) => text.includes('\\'))) {
      expect(sql).toContain('set standard_conforming_strings = on')
    }
  },
)

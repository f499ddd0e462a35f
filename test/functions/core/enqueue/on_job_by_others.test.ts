import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect } from 'vitest'
import { bombs } from '../../../support/bombs.ts'
import { type Harness, harness as harnessOf, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

/** What a role of the user's own sets of a job; the rest is ours. A new column is ours until somebody lists it here. */
const theirs = [
  'queue',
  'payload',
  'status',
  'priority',
  'run_at',
  'dedupe_key',
  'concurrency_key',
  'version',
  'url',
  'method',
  'headers',
  'query',
  'timeout_ms',
  'max_attempts',
  'retry_base_ms',
  'retry_max_ms',
]

/** A database with the role that README once recommended, and one that may do all there is to do with jobs. */
async function inserters(admin: Harness): Promise<string> {
  const queue = await admin.queue({ url: 'https://api.example.com/' })
  await admin.db.query(`
    create role app_${admin.db.database};
    create role editor_${admin.db.database};
    create policy all_of_it on supaqueue.job for all to public using (true) with check (true);
    grant usage on schema supaqueue to app_${admin.db.database}, editor_${admin.db.database};
    grant insert on supaqueue.job to app_${admin.db.database};
    grant all on supaqueue.job to editor_${admin.db.database};
    grant all on supaqueue.job to authenticated;
    grant usage on schema supaqueue to authenticated`)
  return queue
}

const as = async <Result>(admin: Harness, role: string, work: () => Promise<Result>): Promise<Result> => {
  await admin.db.query(`set role ${role}`)
  try {
    return await work()
  } finally {
    await admin.db.query('reset role')
  }
}

const newest = async (admin: Harness) =>
  (await admin.db.query('select job.* from supaqueue.job order by id desc limit 1')).rows[0]

describe('an inserter tries in vain', () => {
  test.for(
    [
      ['attempts that no arithmetic survives', `attempts`, `2147483647`],
      ['deferrals that no arithmetic survives', `deferrals`, `2147483647`],
      ['a job of a user', `owner`, `'${randomUUID()}'`],
      ['a result', `result`, `'{"url": "https://evil.example.com"}'`],
      ['the state of a slice', `state`, `'{"next": 2}'`],
      ['progress', `progress_percent`, `50`],
      ['words to a user', `progress_note`, `'click here'`],
      ['an error', `error`, `'call 0900'`],
      ['a batch', `batch`, `(select gen_random_uuid())`],
      ['a place in a batch', `batch_index`, `3`],
      ['to be the copy of another', `retry_of`, `1`],
      ['to wait for ever', `waits_for`, `7`],
      ['to be waited for', `has_targets`, `true`],
      ['a key that stays taken', `dedupe_pruned`, `true`],
      ['a time it ended', `finished_at`, `'2000-01-01'`],
      ['how long it took', `call_ms`, `5`],
      ['a job that succeeded', `status`, `'success'`],
      ['a job that failed', `status`, `'failed'`],
      ['a job in progress', `status`, `'in_progress'`],
    ] as const,
  )('%s', async ([, column, value], { ownDatabase }) => {
    const admin = harnessOf(await ownDatabase.connect('admin'))
    const queue = await inserters(admin)
    await admin.job(queue, { status: 'held' })
    const plain = await newest(admin)

    await as(
      admin,
      `app_${ownDatabase.name}`,
      () => admin.db.query(`insert into supaqueue.job (queue, ${column}) values ('${queue}', ${value})`),
    )

    const row = await newest(admin)
    expect(row.id).not.toBe(plain.id)
    expect(row[column]).toEqual(column === 'status' ? 'pending' : plain[column])
  })

  test('ids that are still to come, or that JavaScript cannot hold', async ({ ownDatabase }) => {
    const admin = harnessOf(await ownDatabase.connect('admin'))
    const queue = await inserters(admin)

    await as(admin, `app_${ownDatabase.name}`, () =>
      admin.db.query(
        `insert into supaqueue.job (id, queue) overriding system value
         select id, '${queue}' from unnest('{50, 51, 9223372036854775807}'::bigint[]) as id`,
      ))

    for (let i = 0; i < 60; i++) await admin.job(queue)
    const { rows } = await admin.db.query('select count(*)::integer, max(id) < 200 as near from supaqueue.job')
    expect(rows).toEqual([{ count: 63, near: true }])
  })

  test('the key of an end user', async ({ ownDatabase }) => {
    const admin = harnessOf(await ownDatabase.connect('admin'))
    const queue = await inserters(admin)

    const forged = as(
      admin,
      `app_${ownDatabase.name}`,
      () =>
        admin.db.query(`insert into supaqueue.job (queue, dedupe_key) values ($1, $2)`, [
          queue,
          `supaqueue-user:${randomUUID()}:export2`,
        ]),
    )

    expect(await refusal(forged)).toMatchObject({ code: 'SQ422', hint: expect.stringContaining('Begin yours') })
  })

  test.for(bombs)('%s', async ([, json], { ownDatabase }) => {
    const admin = harnessOf(await ownDatabase.connect('admin'))
    const queue = await inserters(admin)

    for (const column of ['payload', 'headers', 'query']) {
      const insert = as(
        admin,
        `app_${ownDatabase.name}`,
        () => admin.db.query(`insert into supaqueue.job (queue, ${column}) values ($1, $2)`, [queue, json]),
      )
      expect(await refusal(insert)).toMatchObject({ code: 'SQ422' })
    }
  })

  test('a payload beyond what the queue takes', async ({ ownDatabase }) => {
    const admin = harnessOf(await ownDatabase.connect('admin'))
    const queue = await inserters(admin)

    const insert = as(
      admin,
      `app_${ownDatabase.name}`,
      () =>
        admin.db.query(`insert into supaqueue.job (queue, payload) select $1, to_jsonb(repeat('x', 5000000))`, [queue]),
    )

    expect(await refusal(insert)).toMatchObject({ code: 'SQ413' })
  })
})

describe('of every column', () => {
  test.for(['app', 'editor', 'authenticated'])(
    '%s inserts what is theirs, and nothing else',
    async (kind, { ownDatabase }) => {
      const admin = harnessOf(await ownDatabase.connect('admin'))
      const role = kind === 'authenticated' ? kind : `${kind}_${ownDatabase.name}`
      const queue = await inserters(admin)
      const { rows: columns } = await admin.db.query(
        `select attname as name, format_type(atttypid, null) as type from pg_attribute
       where attrelid = 'supaqueue.job'::regclass and attnum > 0 and not attisdropped`,
      )
      const values: Record<string, string> = {
        bigint: '7',
        integer: '7',
        numeric: '7',
        boolean: 'true',
        text: `'GET'`,
        uuid: `'${queue}'`,
        real: '7',
        'double precision': '7',
        jsonb: `'{"a": "b"}'`,
        'timestamp with time zone': `'2001-01-01'`,
        'supaqueue.job_status': `'held'`,
      }
      const special: Record<string, string> = { url: `'https://api.example.com/'` }
      await admin.job(queue)
      const plain = await newest(admin)

      const kept: string[] = []
      for (const { name, type } of columns) {
        const value = special[name] ?? values[type]
        if (value === undefined) throw new Error(`the test has no value of the type ${type}`)
        await as(admin, role, () =>
          admin.db.query(
            name === 'queue'
              ? `insert into supaqueue.job (queue) values ('${queue}')`
              : `insert into supaqueue.job (queue, ${name}) overriding system value values ('${queue}', ${value})`,
          ))
        const row = await newest(admin)
        const given = name === 'id'
          ? row.id === 7
          : name === 'queue' || JSON.stringify(row[name]) !== JSON.stringify(plain[name])
        if (given && name !== 'updated_at' && name !== 'created_at') {
          kept.push(name)
        }
        if (name.endsWith('_at') && name !== 'run_at') {
          expect(row[name]?.getFullYear()).not.toBe(2001)
        }
      }

      expect(kept.sort()).toEqual([...theirs].sort())
    },
  )

  test('a role that may update everything changes what is theirs, and nothing else', async ({ ownDatabase }) => {
    const admin = harnessOf(await ownDatabase.connect('admin'))
    const queue = await inserters(admin)
    const job = await admin.job(queue)
    const before = await admin.jobRow(job)

    await as(admin, `editor_${ownDatabase.name}`, () =>
      admin.db.query(`
        update supaqueue.job
        set owner = '${queue}', attempts = 5, deferrals = 5, result = '1', state = '1', error = 'e', progress_percent = 1,
          progress_note = 'n', batch_index = 1, retry_of = id, waits_for = 1, has_targets = true, call_ms = 1,
          created_at = '2001-01-01', finished_at = '2001-01-01', priority = 4`))

    expect({ ...await admin.jobRow(job), updated_at: 0 }).toEqual({ ...before, priority: 4, updated_at: 0 })
  })

  test('such a role holds a job, and ends it', async ({ ownDatabase }) => {
    const admin = harnessOf(await ownDatabase.connect('admin'))
    const queue = await inserters(admin)
    const job = await admin.job(queue)

    for (const status of ['held', 'pending', 'cancelled', 'success']) {
      await as(
        admin,
        `editor_${ownDatabase.name}`,
        () => admin.db.query(`update supaqueue.job set status = '${status}'`),
      )
      expect((await admin.jobRow(job)).status).toBe(status)
    }
  })
})

describe('nobody, not even the owner, writes', () => {
  test.for(
    [
      ['attempts', 1_000_001],
      ['attempts', -1],
      ['deferrals', 2_147_483_647],
    ] as const,
  )('%s of %i', async ([column, value], { harness }) => {
    const queue = await harness.queue()

    expect(
      await refusal(harness.db.query(`insert into supaqueue.job (queue, ${column}) values ($1, $2)`, [queue, value])),
    )
      .toMatchObject({ code: '23514', constraint: 'job_attempts_and_deferrals_are_at_most_a_million' })
  })

  test.for(['9007199254740992', '1000000000', '0'])('the id %s', async (id, { harness }) => {
    const queue = await harness.queue()

    const { code, constraint } = await refusal(
      harness.db.query(`insert into supaqueue.job (id, queue) overriding system value values ($1, $2)`, [id, queue]),
    )

    expect([code, constraint]).toEqual(
      id === '0' ? ['23514', 'job_id_fits_javascript'] : ['SQ422', 'job_id_is_from_its_sequence'],
    )
  })
})

test('attempts that cannot grow any more do not stop a queue', async ({ harness }) => {
  const queue = await harness.queue({ workers: 2 })
  const job = await harness.job(queue, { attempts: 1_000_000, priority: 1 })
  await harness.job(queue)

  expect((await harness.turn(randomUUID(), queue, { room: 2 })).jobs).toHaveLength(2)
  expect((await harness.jobRow(job)).attempts).toBe(1_000_000)
})

test('the rights that docs/reference/rights.md advises are for these columns', () => {
  const readme = readFileSync(new URL('../../../../docs/reference/rights.md', import.meta.url), 'utf8')
  const [, listed] = readme.match(/grant insert \(([^)]+)\) on supaqueue\.job to app;/)!

  expect(listed!.split(',').map((name) => name.trim()).sort()).toEqual([...theirs].sort())
})

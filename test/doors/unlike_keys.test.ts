import type pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openClient } from '../../scripts/dev/client.ts'
import { startGateway } from '../../scripts/dev/gateway.ts'
import { makeKeyring } from '../../scripts/dev/keyring.ts'
import { makeKeys } from '../../scripts/dev/keys.ts'
import { startRestLite } from '../../scripts/dev/rest/lite.ts'
import { makeUndo } from '../../scripts/dev/stack/undo.ts'
import { testDatabase } from '../support/database.ts'
import { blocksOf, readPage } from '../support/markdown.ts'

// The Data API writes null where a key is missing that another row of the same insert has.

const undo = makeUndo()
let owner: pg.Client
let client: ReturnType<typeof openClient>
let url: string
let key: string

// How users' own SQL holds jobs.
const holders = `
  create table public.orders (queue uuid);
  grant all on public.orders to service_role;
  create function public.order_placed() returns trigger language plpgsql as
    $$ begin insert into supaqueue.job (queue, status) values (new.queue, null); return new; end $$;
  create trigger order_placed before insert on public.orders for each row execute function public.order_placed();
  create function public.hold_one(queue uuid) returns void language sql as
    $$ insert into supaqueue.job (queue, status) values (queue, null) $$`

beforeAll(async () => {
  const database = await testDatabase()
  undo.add(database.drop)
  owner = await database.connect('owner')
  await owner.query(holders)
  const keys = await makeKeys()
  const rest = await startRestLite({ databaseUrl: database.ownerUrl, authenticatorUrl: database.authenticatorUrl })
  undo.add(rest.stop)
  const gateway = await startGateway({ keyring: makeKeyring(keys) })
  undo.add(gateway.stop)
  gateway.open({ rest, edge: { handle: () => {}, names: () => [] } })
  client = openClient({ apiUrl: gateway.url }, keys.secret)
  url = gateway.url
  key = keys.secret
})
afterAll(() => undo.run())

let queue: string
beforeEach(async () => {
  await owner.query('delete from supaqueue.queue')
  await owner.query('delete from supaqueue.rate_limit')
  const { rows: [made] } = await owner.query(
    `insert into supaqueue.queue (name, edge_function_name, mode) values ('mail', 'mail', 'pull') returning id`,
  )
  queue = made.id
})

/** Runs the example of docs/reference/jobs.md that has the words. */
const shown = async (words: string, given: object, result = 'undefined') => {
  const block = blocksOf(readPage('docs/reference/jobs.md')).find(({ code }) => code.includes(words))
  if (!block) throw new Error(`docs/reference/jobs.md has no example with ${words}`)
  const program = new Function(
    'supabase',
    ...Object.keys(given),
    `return (async () => { ${block.code}\n return ${result} })()`,
  )
  return await program(client, ...Object.values(given))
}

test('an upsert of queues changes what its rows name, and in a row without a key of others what stood there', async () => {
  await owner.query(
    `insert into supaqueue.queue (name, edge_function_name, timeout_ms, max_attempts) values ('sms', 'old', 7000, 9)`,
  )
  await shown('9000 }', {})
  const settings = async () =>
    (await owner.query(`select edge_function_name, timeout_ms, max_attempts from supaqueue.queue where name = 'sms'`))
      .rows
  expect(await settings()).toEqual([{ edge_function_name: 'sms', timeout_ms: 9000, max_attempts: 9 }])

  for (const options of [{}, { defaultToNull: false }]) {
    await owner.query(`update supaqueue.queue set timeout_ms = 9000 where name = 'sms'`)
    await client.schema('supaqueue').from('queue').upsert(
      [{ name: 'mail', edge_function_name: 'mail', timeout_ms: 5000 }, { name: 'sms', edge_function_name: 'sms' }],
      { onConflict: 'name', ...options },
    ).throwOnError()

    expect(await settings()).toEqual([{ edge_function_name: 'sms', timeout_ms: 60000, max_attempts: 9 }])
  }
})

type Row = Record<string, unknown>
const insert = async (table: string, rows: Row[], options?: { defaultToNull?: boolean }) => {
  const { error } = await client.schema('supaqueue').from(table).insert(rows, options)
  if (error) throw error
}
const statuses = async () =>
  (await owner.query('select status from supaqueue.job order by id')).rows.map(({ status }) => status)

describe('the status of a job that is inserted by the Data API', () => {
  test('is pending where its key is missing, and so a job of unlike rows runs', async () => {
    await insert('job', [{ queue, payload: { n: 1 }, status: 'held' }, { queue, payload: { n: 2 } }])

    expect(await statuses()).toEqual(['held', 'pending'])
  })

  test('is pending where it is undefined in all rows', async () => {
    await insert('job', [{ queue, status: undefined }, { queue, status: undefined }])

    expect(await statuses()).toEqual(['pending', 'pending'])
  })

  test('is held by a null that is meant: with defaults for keys that are missing', async () => {
    await insert('job', [{ queue, status: null }, { queue }], { defaultToNull: false })

    expect(await statuses()).toEqual(['held', 'pending'])
  })

  test.each([
    ['columns alone', '?columns=queue,status,priority', undefined, ['pending', 'pending']],
    ['columns, defaults asked for', '?columns=queue,status,priority', 'missing=default', ['held', 'pending']],
    ['one more wish', '?columns=queue,status', 'return=minimal,missing=default', ['held', 'pending']],
    ['nulls asked for', '?columns=queue,status', 'missing=null', ['pending', 'pending']],
  ])('with %s', async (_, query, prefer, expected) => {
    const { status } = await fetch(`${url}/rest/v1/job${query}`, {
      method: 'POST',
      headers: {
        apikey: key,
        'content-profile': 'supaqueue',
        'content-type': 'application/json',
        ...prefer && { prefer },
      },
      body: JSON.stringify([{ queue, status: null }, { queue }]),
    })

    expect(status).toBe(201)
    expect(await statuses()).toEqual(expected)
  })

  test('is what docs/reference/jobs.md says of its example', async () => {
    await shown("status: 'held' }", { queue })

    expect((await owner.query('select status, priority from supaqueue.job order by id')).rows).toEqual([
      { status: 'pending', priority: 5 },
      { status: 'pending', priority: 0 },
      { status: 'held', priority: 0 },
    ])
  })

  test('is held by a null of SQL: by hand, of a trigger, and of a function that is called by RPC', async () => {
    await owner.query('insert into supaqueue.job (queue, status) values ($1, null)', [queue])
    await client.from('orders').insert({ queue }).throwOnError()
    await client.rpc('hold_one', { queue }).throwOnError()

    expect(await statuses()).toEqual(['held', 'held', 'held'])
  })
})

test('docs/reference/jobs.md shows how to read more jobs than one answer has', async () => {
  const { rows: [{ batch }] } = await owner.query(
    `select (supaqueue.enqueue_many('mail', (select jsonb_agg('{}'::jsonb) from generate_series(1, 2500))))[1].batch`,
  )

  expect(await shown('.gt(', { batch, queue }, 'jobs')).toHaveLength(2500)
})

/** What a row must have of each table that people insert into by hand. */
const required: Record<string, () => Row | Promise<Row>> = {
  queue: () => ({ name: `q${Math.random()}`, edge_function_name: 'mail' }),
  worker: () => ({ queue }),
  job: () => ({ queue }),
  batch: () => ({ queue }),
  job_dependency: async () => {
    const { rows: [source, target] } = await owner.query(
      `insert into supaqueue.job (queue, status) values ($1, 'pending'), ($1, 'held') returning id`,
      [queue],
    )
    return { source: source.id, target: target.id }
  },
  alert_rule: () => ({ name: `alert${Math.random()}`, kind: 'sweep_silent', threshold: 60, notify: queue }),
  rate_limit: () => ({ name: `limit${Math.random()}`, max_rps: 5 }),
  signal: () => ({ key: `key${Math.random()}`, name: 'paid' }),
  schedule: () => ({ name: `schedule${Math.random()}`, queue, cron: '0 0 1 1 *' }),
  door: async () => {
    await owner.query('delete from supaqueue.door')
    return { queue, role: 'authenticated' }
  },
}

/** What supaqueue keeps by itself; that nobody inserts into these is said where they are made. */
const ours = [
  'applied_file',
  'api_answer',
  'api_key',
  'attempt',
  'bulk_action',
  'chore',
  'circuit',
  'counter',
  'counter_delta',
  'current_job',
  'door_use',
  'last_count',
  'last_sweep',
  'migration',
  'step',
  'home',
  'hook',
  'history',
  'hook_fault',
  'alert',
  'audit',
  'dispatch',
  'wake_up',
  'heartbeat',
  'trouble',
  'subscription',
  'throttled_key',
  'place_in_line',
  'line_change',
  'line_head',
  'unsettled',
  'backfill',
  'process',
]

const defaultsOf = async (): Promise<Record<string, string[]>> => {
  const { rows } = await owner.query(`
    select c.relname::text as table, array_agg(a.attname::text) as columns
    from pg_class as c
    join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'supaqueue'::regnamespace and c.relkind = 'r'
      and a.attnotnull and a.atthasdef and a.attidentity = '' and a.attgenerated = ''
    group by c.relname`)
  return Object.fromEntries(rows.map(({ table, columns }) => [table, columns]))
}

test('every table with defaults is one that people insert into by hand, or one that they leave alone', async () => {
  const tables = Object.keys(await defaultsOf()).filter((table) => !ours.includes(table))

  expect(tables.sort()).toEqual(Object.keys(required).sort())
})

describe('a column that may not be null takes its default where its key is missing', () => {
  test.each(Object.keys(required))('in %s', async (table) => {
    const columns = (await defaultsOf())[table] as string[]
    const make = required[table] as () => Row | Promise<Row>
    const plain = await make()
    const names = Object.keys(plain)
    await owner.query('begin')
    const { rows: [expected] } = await owner.query(
      `insert into supaqueue.${table} (${names.join(', ')}) values (${names.map((_, i) => `$${i + 1}`).join(', ')})
       returning *`,
      Object.values(plain),
    )
    await owner.query('rollback')
    const bare = await make()

    await insert(table, [{ ...Object.fromEntries(columns.map((name) => [name, undefined])), ...bare }])

    const [by, value] = Object.entries(bare).at(-1) as [string, unknown]
    const { rows } = await owner.query(
      `select * from supaqueue.${table} where ${by} = $1 order by created_at desc limit 1`,
      [value],
    )
    for (const column of columns) {
      const { [column]: found } = rows[0]
      if (/_at$|^id$/.test(column) && Math.abs(Number(expected[column])) !== Infinity) expect(found).not.toBe(null)
      else if (!names.includes(column)) expect({ [column]: found }).toEqual({ [column]: expected[column] })
    }
  })
})

import fc from 'fast-check'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { whoCalls } from '../../supabase/functions/supaqueue-api/caller.ts'
import { openApiDocument } from '../../supabase/functions/supaqueue-api/openapi.ts'
import { routes } from '../../supabase/functions/supaqueue-api/routes.ts'
import { requests } from '../supabase/functions/supaqueue-api/support/arbitrary.ts'
import { type Door, openDoor } from '../supabase/functions/supaqueue-api/support/door.ts'
import type { Document } from '../supabase/functions/supaqueue-api/support/schema.ts'

// Who has an API key, and tries more than its scopes say.

const scopes = ['enqueue', 'read', 'control', 'metrics']
const subsets = Array.from({ length: 2 ** scopes.length - 1 }, (_, n) => scopes.filter((_, i) => (n + 1) & (1 << i)))
const document = openApiDocument() as unknown as Document
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation }))
)
const seed = Number(process.env.SUPAQUEUE_FUZZ_SEED) || Math.floor(Math.random() * 2 ** 31)

let door: Door
const known: Record<string, unknown[]> = {}

/** Queues without workers, so that nothing moves by itself, with jobs of others in every status. */
beforeAll(async () => {
  door = await openDoor()
  await door.db.query(`
    insert into supaqueue.queue (name, edge_function_name, dedupe_until) values ('mail', 'hello', 'finished'), ('bursts', 'hello', 'begun');
    insert into supaqueue.queue (name, url) values ('web', 'https://api.example.com/v1'), ('tasks', 'http://tasks.invalid/');
    insert into supaqueue.job (queue, payload, dedupe_key)
      select id, '{"mine": true}', 'invoice-' || n from supaqueue.queue, generate_series(1, 6) as n;
    insert into supaqueue.batch (queue, label) select id, 'b' from supaqueue.queue;
    update supaqueue.job set
      status = (array['pending', 'held', 'success', 'failed', 'cancelled']::supaqueue.job_status[])[1 + id % 5],
      batch = (select batch.id from supaqueue.batch where batch.queue = job.queue);
    insert into supaqueue.attempt (job, attempt, outcome, status, error, ended_at)
      select id, 1, 'failed', 500, 'HTTP 500', now() from supaqueue.job where status = 'failed'`)
  const ids = async (table: string) =>
    (await door.db.query(`select id from supaqueue.${table}`)).rows.map(({ id }) => id)
  for (const name of ['queue', 'name', 'task_type']) known[name] = ['mail', 'web', 'tasks', 'bursts']
  known.id = [...await ids('job'), ...await ids('batch')]
  for (const name of ['task_id', 'batch']) known[name] = await ids('batch')
  known.depends_on = [[], (await ids('job')).slice(0, 2)]
  known.topic = ['order.paid', 'order', 'order.*']
  known.dedupe_key = ['invoice-1', 'invoice-2', 'invoice-3', 'supaqueue-user:x:y', undefined]
  known.on_conflict = ['error', 'skip', 'replace', undefined]
  known.headers = [{ 'x-a': '1' }, undefined]
  known.url = ['https://api.example.com/v1/x', undefined]
  // Not too often: what one of them is refused for would hide what becomes of the rest.
  for (const name of ['debounce_ms', 'max_wait_ms', 'throttle_ms']) {
    known[name] = [undefined, undefined, undefined, 1000]
  }
})
afterAll(() => door?.close())

/** Everything there is, row by row, but when a key was last used, a queue last woken, and what was counted. */
async function contents(): Promise<Map<string, string>> {
  const { rows: tables } = await door.db.query<{ name: string }>(
    `select oid::regclass::text as name from pg_class
     where relnamespace = 'supaqueue'::regnamespace and relkind = 'r' and relname not in ('api_key', 'named_lock', 'heartbeat', 'wake_up', 'counter', 'counter_delta')`,
  )
  const found = new Map<string, string>()
  for (const { name } of tables) {
    const { rows } = await door.db.query( // That others wait for a job is noted with it.
      `select (to_jsonb(t) - array['has_targets', 'updated_at'])::text as row from ${name} as t`,
    )
    for (const { row } of rows) found.set(`${name} ${identity(row)}`, row)
  }
  return found
}

/** What a row is told by, so that one that was written over is not one that is new. */
function identity(row: string): string {
  const { id, queue, name, source, target, caller, key } = JSON.parse(row)
  return JSON.stringify(id === undefined ? [queue, name, source, target, caller, key] : [id])
}

/** Requests for every operation, as the document says or nearly so. */
function* samples(count: number) {
  for (const { path, method, operation } of operations) {
    const arbitrary = requests(document, path, method, operation, (name) => known[name] ?? [])
    for (const request of fc.sample(arbitrary, { numRuns: count, seed })) yield request
  }
}

describe('by every route', () => {
  const newUrl = () => `https://${randomUUID()}.example.com/`
  const asked: Record<string, object> = {
    postTasks: { task_type: 'tasks', method: 'POST', payloads: [{ data: {} }] },
    reprocessDeadLetters: { task_type: 'web' },
    postTaskType: { task_type: 'web', max_rps: 1 },
    postJob: { queue: 'mail' },
    postBatch: { queue: 'mail', jobs: [{}] },
    patchQueue: { timeout_ms: 1000 },
    pauseQueue: {},
    subscribeQueue: { pattern: 'order.*' },
    unsubscribeQueue: { pattern: 'order.*' },
    signalJob: { name: 'approval' },
    postTopic: { payload: { n: 1 } },
    postSignal: { key: 'order-1', name: 'paid' },
  }
  const every = [...routes, { id: 'metrics', method: 'get', path: '/metrics', scope: 'metrics', body: undefined }]

  test.for(every)('$method $path: only a key with the scope $scope, whatever others it has', async (route) => {
    const path = route.path.replace(/\{(\w+)\}/g, (_, name) => name === 'name' ? 'mail' : String(known[name]![0]))
    const body = asked[route.id]

    const admitted = []
    for (const subset of subsets) {
      const { status } = await door.send(path, {
        method: route.method.toUpperCase(),
        key: await door.key(subset),
        // To call a host that no task called before is to change the task type.
        ...body !== undefined && { body: route.id === 'postTasks' ? { ...body, url: newUrl() } : body },
      })
      if (status !== 403) admitted.push(subset)
    }

    const wanted = route.id === 'postTasks' ? ['enqueue', 'control'] : [route.scope]
    expect(admitted).toEqual(subsets.filter((subset) => wanted.every((scope) => subset.includes(scope))))
  })

  test('there is no route without a scope', () => {
    expect(routes.filter(({ scope }) => !scopes.includes(scope))).toEqual([])
    expect(routes.filter(({ id, body }) => body && !(id in asked))).toEqual([])
  })
})

describe('of all columns that there are,', () => {
  const JOB = [
    'concurrency_key',
    'dedupe_key',
    'headers',
    'max_attempts',
    'payload',
    'priority',
    'run_at',
    'timeout_ms',
    'version',
  ]
  /** Which of them a body may name, by route: the others are refused. */
  const taken: Record<string, string[]> = {
    postJob: [...JOB, 'queue'],
    postBatch: ['jobs', 'label', 'queue'],
    'postBatch, of a job': [...JOB, 'method', 'query', 'retry_base_ms', 'retry_max_ms', 'url'],
    postTopic: ['concurrency_key', 'dedupe_key', 'payload', 'priority'],
    signalJob: ['idempotency_key', 'name', 'payload'],
    postSignal: ['idempotency_key', 'key', 'name', 'payload'],
    pauseQueue: ['reason', 'until'],
    subscribeQueue: ['filter', 'pattern'],
    unsubscribeQueue: ['pattern'],
    patchQueue: [
      'after_failure',
      'batch_by',
      'batch_counts',
      'batch_size',
      'batch_wait_ms',
      'dedupe_until',
      'max_attempts',
      'max_defer_ms',
      'max_deferrals',
      'max_rps',
      'ordered',
      'payload_max_bytes',
      'per_key',
      'result_max_bytes',
      'retry_base_ms',
      'retry_factor',
      'retry_max_ms',
      'timeout_ms',
    ],
  }
  // As clients in Go send them: what they do not know is left out.
  const loose = ['postTasks', 'reprocessDeadLetters', 'postTaskType']

  const names = async (): Promise<string[]> =>
    (await door.db.query(`
      select distinct attname as name from pg_attribute join pg_class on pg_class.oid = attrelid
      where relnamespace = 'supaqueue'::regnamespace and relkind = 'r' and attnum > 0 and not attisdropped order by 1`))
      .rows.map(({ name }) => name)
  const pathOf = (path: string) =>
    path.replace(/\{(\w+)\}/g, (_, name) => name === 'name' ? 'mail' : String(known[name]![0]))

  test('every route with a body is listed', () => {
    const listed = [...Object.keys(taken).filter((id) => !id.includes(',')), ...loose]

    expect(listed.sort()).toEqual(routes.filter(({ body }) => body).map(({ id }) => id).sort())
  })

  test.for(Object.entries(taken))('%s takes the ones that are listed', async ([id, listed]) => {
    const route = routes.find((one) => one.id === id.split(',')[0])!
    const all = await names()
    const body = Object.fromEntries(all.map((name) => [name, null]))
    const answer = await door.send(pathOf(route.path), {
      method: route.method.toUpperCase(),
      body: id.includes(',') ? { queue: 'mail', jobs: [body] } : body,
    })

    const { message } = answer.body.errors.find((one: { message: string }) => one.message.startsWith('Unrecognized'))
    const unknown = [...message.matchAll(/"(\w+)"/g)].map(([, name]) => name)
    expect(answer.status).toBe(422)
    expect(all.filter((name) => !unknown.includes(name))).toEqual([...listed].sort())
  })

  test('a task takes none of them but those that it is documented to have', async () => {
    const all = await names()
    const known = ['headers', 'item_id', 'max_rps', 'method', 'url']
    const sent = Object.fromEntries(all.filter((name) => !known.includes(name)).map((name) => [name, 7]))
    const rowOf = async (body: object) => {
      const { status, body: { message_ids: [id] } } = await door.send('/tasks', { body })
      expect(status).toBe(201)
      const { rows: [{ row }] } = await door.db.query(
        `select to_jsonb(job) - '{id, batch, created_at, updated_at, run_at}'::text[] as row from supaqueue.job where id = $1`,
        [id],
      )
      return row
    }
    const url = 'https://api.example.com/v1/tasks'

    const plain = await rowOf({ task_type: 'web', url, payloads: [{ data: {} }] })
    const full = await rowOf({
      ...sent,
      task_type: 'web',
      url,
      payloads: [{ ...sent, data: {}, api_override: { ...sent } }],
    })

    expect(full).toEqual(plain)
  })
})

describe('a key that may only', () => {
  test('enqueue changes nothing and takes nothing away that was there, whatever it asks', async () => {
    const key = await door.key(['enqueue'])
    const before = await contents()
    let taken = 0
    for (const request of samples(40)) {
      const { status } = await door.send(request.path, { ...request, key })
      if (status === 201) taken += 1
    }
    const after = await contents()

    const changed = [...before].filter(([name, row]) => after.get(name) !== row)
      .map(([name, row]) => `${name}: ${row} -> ${after.get(name)}`)
    expect(changed, `seed ${seed}`).toEqual([])
    expect(taken).toBeGreaterThan(2)
  })

  test.for(['read', 'metrics'])('%s changes nothing at all, whatever it asks', async (scope) => {
    const key = await door.key([scope])
    const before = await contents()
    for (const request of samples(12)) await door.send(request.path, { ...request, key })

    expect([...await contents()], `seed ${seed}`).toEqual([...before])
  })

  test.for(
    [
      ['/jobs', {
        queue: 'mail',
        dedupe_key: 'invoice-5',
        payload: { pay: 'mallory' },
        held: true,
        on_conflict: 'replace',
      }],
      ['/batches', {
        queue: 'mail',
        on_conflict: 'replace',
        jobs: [{ dedupe_key: 'invoice-5', payload: { pay: 'mallory' } }],
      }],
    ] as const,
  )('enqueue writes over no job of others by %s, and one with control does', async ([path, body]) => {
    const refused = await door.send(path, { body, key: await door.key(['enqueue', 'read', 'metrics']) })
    expect(refused).toMatchObject({ status: 403, body: { code: 'SQ403', detail: expect.stringContaining('control') } })

    await door.db.query(`update supaqueue.job set status = 'pending' where dedupe_key = 'invoice-5'`)
    expect((await door.send(path, { body, key: await door.key(['enqueue', 'control']) })).status).toBe(201)
  })

  test.for([{ debounce_ms: 86_400_000 }, { debounce_ms: 1000, max_wait_ms: 5000 }, { throttle_ms: 1000 }])(
    'enqueue writes over no job of others by %j either',
    async (burst) => {
      const body = { queue: 'bursts', dedupe_key: 'invoice-9', payload: { pay: 'mallory' }, ...burst }
      await door.db.query(
        `select supaqueue.enqueue('bursts', '{"pay": "ada"}', dedupe_key => 'invoice-9', on_conflict => 'replace')`,
      )
      const refused = await door.send('/jobs', { body, key: await door.key(['enqueue', 'read', 'metrics']) })
      const { rows } = await door.db.query(`select payload from supaqueue.job where dedupe_key = 'invoice-9'`)

      expect(refused).toMatchObject({
        status: 403,
        body: { code: 'SQ403', detail: expect.stringContaining('control') },
      })
      expect(rows).toEqual([{ payload: { pay: 'ada' } }])
      expect((await door.send('/jobs', { body, key: await door.key(['enqueue', 'control']) })).status).toBe(201)
    },
  )

  test('enqueue takes no key of an end user', async () => {
    const body = { queue: 'mail', dedupe_key: `supaqueue-user:${randomUUID()}:k9` }

    expect((await door.send('/jobs', { body, key: await door.key(['enqueue', 'control']) })).status).toBe(422)
  })
})

describe('a name that is given anew', () => {
  const post = (key: string, queue = 'mail') =>
    door.send('/jobs', { key, body: { queue }, headers: { 'idempotency-key': 'once' } })
  const named = async (name: string, scopes = '{enqueue}') =>
    (await door.db.query('select supaqueue.create_api_key($1, $2::text[]) as key', [name, scopes])).rows[0].key

  test('of an API key: gets no answer that the old one got, and has no limit of it', async () => {
    const first = await post(await named('importer'))
    await door.db.query(`update supaqueue.api_key set free_at = '2100-01-01' where name = 'importer'`)
    await door.db.query(`select supaqueue.revoke_api_key('importer')`)

    const second = await post(await named('importer'))

    expect(second.status).toBe(201)
    expect(second.headers.get('idempotency-replayed')).toBe(null)
    expect(second.body.id).not.toBe(first.body.id)
  })

  test('of a queue: gets no answer that was given for the old one', async () => {
    const key = await named('exporter')
    await door.db.query(`insert into supaqueue.queue (name, edge_function_name) values ('passing', 'hello')`)
    const first = await post(key, 'passing')
    expect((await post(key, 'passing')).body).toEqual(first.body)
    await door.db.query(`select supaqueue.delete_queue('passing')`)
    expect((await post(key, 'passing')).status).toBe(404)
    await door.db.query(`insert into supaqueue.queue (name, edge_function_name) values ('passing', 'hello')`)

    const second = await post(key, 'passing')

    expect(second.headers.get('idempotency-replayed')).toBe(null)
    expect(await door.db.query('select from supaqueue.job where id = $1', [second.body.id])).toMatchObject({
      rowCount: 1,
    })
  })

  test('of a queue: has no door, no limit and no rate of the old one', async () => {
    const make = () =>
      door.db.query(`insert into supaqueue.queue (name, edge_function_name) values ('again', 'hello') returning id`)
    const about = async () => {
      const { rows: tables } = await door.db.query<{ name: string; queue: string }>(
        `select attrelid::regclass::text as name from pg_attribute join pg_class on pg_class.oid = attrelid
         where relnamespace = 'supaqueue'::regnamespace and relkind = 'r' and attname = 'queue' and not attisdropped`,
      )
      const found: string[] = []
      const { rows: [{ id }] } = await door.db.query(`select id from supaqueue.queue where name = 'again'`)
      for (const { name } of tables) {
        const { rows } = await door.db.query(
          `select to_jsonb(t) - '{queue, created_at, at, id}'::text[] as row from ${name} as t where queue = $1`,
          [id],
        )
        found.push(...rows.map(({ row }) => `${name} ${JSON.stringify(row)}`))
      }
      return found.sort()
    }
    await make()
    const fresh = await about()
    await door.db.query(`select supaqueue.allow('again', 'anon', per_minute => 1), supaqueue.set_max_rps('again', 1)`)
    await door.db.query(`select supaqueue.delete_queue('again')`)
    await make()

    expect(await about()).toEqual(fresh)
    const { rows: [{ limit }] } = await door.db.query(
      `select rate_limit as limit from supaqueue.queue where name = 'again'`,
    )
    expect(limit).toBe(null)
  })
})

describe('who guesses keys', () => {
  const asking = async (key: string) => {
    let asked = 0
    const request = new Request('https://x.test/', { headers: { authorization: `Bearer ${key}` } })
    const none = () => {
      asked += 1
      return Promise.resolve(null)
    }
    await whoCalls(request, ['the project'], none).catch(() => undefined)
    return asked
  }

  test.for(
    [
      ['nothing behind the prefix', 'sqk_'],
      ['a word', 'sqk_x'],
      ['one digit too few', `sqk_${'0'.repeat(63)}`],
      ['one digit too many', `sqk_${'0'.repeat(65)}`],
      ['a letter that is no digit', `sqk_${'0'.repeat(63)}g`],
      ['capital letters', `sqk_${'A'.repeat(64)}`],
      ['a prefix in capitals', `SQK_${'0'.repeat(64)}`],
      ['thirty thousand digits', `sqk_${'0'.repeat(30_000)}`],
      ['a key of the platform', `sb_secret_${'x'.repeat(20)}`],
      ['a token', 'eyJhbGciOiJIUzI1NiJ9.e30.x'],
    ] as const,
  )('costs the database nothing by %s', async ([, key]) => {
    expect(await asking(key)).toBe(0)
  })

  test('costs it one look by what might be one', async () => {
    expect(await asking(`sqk_${'0'.repeat(64)}`)).toBe(1)
  })
})

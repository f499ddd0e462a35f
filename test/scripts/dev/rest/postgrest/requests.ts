import type pg from 'pg'
import { type ProjectKeys, signJwt } from '../../../../../scripts/dev/keys.ts'

/** What was asked, and what came back of it, as far as PostgREST decides it. */
export type Answered = {
  name: string
  asked: string
  status: number
  /** Its headers, in the words of the recording: `content-type name=value ...`. */
  headers: string
  body: string
  json: unknown
}

type World = { apiUrl: string; keys: ProjectKeys; owner: pg.Client; skip?: (method: string, path: string) => boolean }
type Row = Record<string, unknown>

/** A function that returns a set, which those of supaqueue no longer do: the recording knows `source_results` as one. */
const recordedSets = `
  create function supaqueue.recorded_sources(job bigint) returns table (source bigint, payload jsonb) stable
    language sql set search_path = pg_catalog, pg_temp as
    'select source.id, source.payload from supaqueue.job_dependency dependency
      join supaqueue.job source on source.id = dependency.source where dependency.target = job order by 1';
  revoke execute on function supaqueue.recorded_sources from public;
  grant execute on function supaqueue.recorded_sources to service_role;
`

const user1 = '11111111-1111-4111-8111-111111111111'
const user2 = '22222222-2222-4222-8222-222222222222'
const recorded = ['retry-after', 'www-authenticate', 'content-range', 'preference-applied', 'proxy-status']

/**
 * Asks what the recording of PostgREST 12.2.12 was asked, in its order. What a request needs of those before it comes
 * from the database, so that one may be left out.
 */
export async function askAll({ apiUrl, keys, owner, skip = () => false }: World): Promise<Answered[]> {
  const answers: Answered[] = []
  const signedIn = async (claims: Record<string, unknown>) => ({
    apikey: keys.publishable,
    authorization: `Bearer ${await signJwt(keys.jwtSecret, { role: 'authenticated', ...claims })}`,
  })
  const who: Record<string, Record<string, string>> = {
    service: { apikey: keys.secret, authorization: `Bearer ${keys.secret}` },
    anon: { apikey: keys.publishable },
    u1: await signedIn({ sub: user1 }),
    u2: await signedIn({ sub: user2 }),
    nosub: await signedIn({}),
  }
  type Role = 'service' | 'anon' | 'u1' | 'u2' | 'nosub'
  type Headers = Record<string, string>

  async function ask(name: string, role: Role, method: string, path: string, body?: unknown, headers: Headers = {}) {
    if (skip(method, path)) return
    const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
    const response = await fetch(`${apiUrl}/rest/v1${path}`, {
      method,
      headers: { ...who[role], ...(text === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      body: text,
    })
    const got = await response.text()
    const told = recorded.flatMap((header) => {
      const value = response.headers.get(header)
      return value ? [`${header}=${value}`] : []
    })
    answers.push({
      name,
      asked: `[${role}] ${method} ${path}`,
      status: response.status,
      headers: [response.headers.get('content-type') ?? 'null', ...told].join(' '),
      body: got,
      json: parsed(got),
    })
  }
  const rpc = (name: string, role: Role, fn: string, args: unknown, headers?: Headers) =>
    ask(name, role, 'POST', `/rpc/${fn}`, args, headers)
  const rows = async <T extends Row>(sql: string): Promise<T[]> => (await owner.query(sql)).rows
  const one = async <T>(sql: string): Promise<T> => Object.values((await rows(sql))[0] ?? {})[0] as T

  const S = { 'content-profile': 'supaqueue' }
  const A = { 'accept-profile': 'supaqueue' }

  await rows(`insert into supaqueue.queue (name, edge_function_name, paused)
    values ('cmp', 'hello', true), ('open', 'hello', true), ('pullq', 'hello', false)`)
  await rows(`update supaqueue.queue set mode = 'pull' where name = 'pullq'`)
  await rows(`select supaqueue.set_concurrency('pullq', 1200)`)
  const q = await one<string>(`select id from supaqueue.queue where name = 'cmp'`)

  // Enqueue.
  await rpc('enqueue', 'service', 'enqueue', { queue: 'cmp', payload: { a: 1 } }, S)
  const job = await one<number>('select min(id) from supaqueue.job')
  // deno-fmt-ignore
  await rpc('enqueue all args', 'service', 'enqueue', { queue: 'cmp', payload: { 'ü"\\': '\u0001 é 🎉 \\u0041 \u2028' }, priority: 5, delay: '1 hour', dedupe_key: "k'\"\\ü", on_conflict: 'skip', headers: { 'x-a': 'b' }, version: 2, max_attempts: 7, timeout_ms: 1000, concurrency_key: 't', held: true }, S)
  await rpc('enqueue null payload', 'service', 'enqueue', { queue: 'cmp', payload: null }, S)
  // deno-fmt-ignore
  await rpc('enqueue null options', 'service', 'enqueue', { queue: 'cmp', payload: {}, priority: null, delay: null, run_at: null, dedupe_key: null, on_conflict: null, depends_on: null, held: null, batch: null }, S)
  await rpc('enqueue depends_on', 'service', 'enqueue', { queue: 'cmp', depends_on: [job] }, S)
  await rpc('enqueue \\u0000', 'service', 'enqueue', '{"queue":"cmp","payload":{"a":"\\u0000"}}', S)
  await rpc('enqueue lone surrogate', 'service', 'enqueue', '{"queue":"cmp","payload":{"a":"\\ud800"}}', S)
  const big = '{"queue":"cmp","payload":{"a":12345678901234567890.123456789,"b":1e400}}'
  await rpc('enqueue big numbers', 'service', 'enqueue', big, S)
  await rpc('enqueue duplicate keys', 'service', 'enqueue', '{"queue":"cmp","payload":{"a":1},"payload":{"a":2}}', S)
  await rpc('enqueue unknown queue', 'service', 'enqueue', { queue: 'nope' }, S)
  await rpc('enqueue unknown arg', 'service', 'enqueue', { queue: 'cmp', nope: 1 }, S)
  await rpc('enqueue missing arg', 'service', 'enqueue', {}, S)
  await rpc('unknown fn', 'service', 'enqueu', { queue: 'cmp' }, S)
  await rpc('unknown schema', 'service', 'enqueue', { queue: 'cmp' }, { 'content-profile': 'nope' })
  await rpc('wrong type', 'service', 'enqueue', { queue: 'cmp', priority: 'high' }, S)
  await rpc('wrong interval', 'service', 'enqueue', { queue: 'cmp', delay: 'soonish' }, S)
  await rpc('bad json', 'service', 'enqueue', '{"queue": ', S)
  await rpc('array body', 'service', 'enqueue', '[{"queue":"cmp"}]', S)
  await rpc('empty body', 'service', 'metrics', '', S)
  await rpc('no content type', 'service', 'enqueue', '{"queue":"cmp"}', { ...S, 'content-type': 'text/plain' })
  const form = { ...S, 'content-type': 'application/x-www-form-urlencoded' }
  await rpc('form body', 'service', 'enqueue', 'queue=cmp', form)
  await rpc('dedupe 1', 'service', 'enqueue', { queue: 'cmp', dedupe_key: 'd' }, S)
  await rpc('dedupe 2', 'service', 'enqueue', { queue: 'cmp', dedupe_key: 'd' }, S)
  await rpc('too large', 'service', 'enqueue', { queue: 'cmp', payload: { a: 'x'.repeat(1_100_000) } }, S)
  await rpc('1 MB', 'service', 'enqueue', { queue: 'cmp', payload: { a: 'ü'.repeat(499_000) } }, S)
  const two = [{ payload: { n: 1 } }, { payload: { n: 2 }, delay: '1 hour' }]
  await rpc('enqueue_many', 'service', 'enqueue_many', { queue: 'cmp', jobs: two, batch_label: 'b' }, S)
  const many = Array.from({ length: 2500 }, (_, i) => ({ payload: { i } }))
  await rpc('enqueue_many 2500', 'service', 'enqueue_many', { queue: 'cmp', jobs: many }, S)
  await rpc('enqueue_many []', 'service', 'enqueue_many', { queue: 'cmp', jobs: [] }, S)
  await rpc('enqueue_many bad field', 'service', 'enqueue_many', { queue: 'cmp', jobs: [{ nope: 1 }] }, S)

  // Pipelines and pull.
  const target = await one<number>(`select supaqueue.enqueue('cmp', held => true)`)
  await rows(`insert into supaqueue.job_dependency (source, target)
    select id, ${target} from supaqueue.job where queue = '${q}' and payload ? 'i'`)
  await rpc('source_results of 2500', 'service', 'source_results', { job: target }, S)
  await rows(`select supaqueue.enqueue_many('pullq', (
    select jsonb_agg(jsonb_build_object('payload', jsonb_build_object('p', i))) from generate_series(1, 1300) i))`)
  await rpc('pick 1200', 'service', 'pick', { queue: 'pullq', most: 1200 }, S)
  const tokens = (await rows<{ id: string }>('select id from supaqueue.current_job order by job')).map(({ id }) => id)
  await rpc('finish', 'service', 'finish', { token: tokens[0], outcome: 'complete', result: { ok: true } }, S)
  await rpc('finish again', 'service', 'finish', { token: tokens[0], outcome: 'complete' }, S)
  await rpc('finish bad outcome', 'service', 'finish', { token: tokens[1], outcome: 'bogus' }, S)
  await rpc('extend', 'service', 'extend', { token: tokens[1], lease_ms: 90000 }, S)
  await rpc('progress', 'service', 'progress', { token: tokens[1], percent: 33.3, note: 'ünï' }, S)
  await rpc('end_current_job', 'service', 'end_current_job', { token: tokens[1], has_ended: true, successful: true })
  await rpc('finish null result', 'service', 'finish', { token: tokens[2], outcome: 'complete', result: null }, S)
  const bigint = `{"token":"${tokens[3]}","outcome":"complete","result":{"n":9007199254740993}}`
  await rpc('finish bigint result', 'service', 'finish', bigint, S)
  const state = { token: tokens[4], outcome: 'continue', state: 'x'.repeat(300000) }
  await rpc('finish state 300k', 'service', 'finish', state, S)
  await rpc('finish bad uuid', 'service', 'finish', { token: 'nope', outcome: 'complete' }, S)

  // Control.
  await rpc('explain', 'service', 'explain', { job }, S)
  await rpc('cancel', 'service', 'cancel', { job }, S)
  await rpc('cancel again', 'service', 'cancel', { job }, S)
  await rpc('cancel nope', 'service', 'cancel', { job: 999999999 }, S)
  await rpc('cancel bigint', 'service', 'cancel', '{"job": 9007199254740993}', S)
  await rpc('cancel over bigint', 'service', 'cancel', '{"job": 99999999999999999999}', S)
  await rpc('retry', 'service', 'retry', { job }, S)
  await rpc('snooze', 'service', 'snooze', { job, delay: '1 hour' }, S)
  await rpc('hold', 'service', 'hold', { job }, S)
  await rpc('release', 'service', 'release', { job }, S)
  await rpc('run_now', 'service', 'run_now', { job }, S)
  await rpc('cancel_where', 'service', 'cancel_where', { queue: 'cmp', filter: { payload: { n: 1 } } }, S)
  await rpc('pause', 'service', 'pause', { queue: 'cmp', until: null, reason: 'x' }, S)
  await rpc('resume+pause', 'service', 'resume', { queue: 'open' }, S)
  await rpc('set_concurrency', 'service', 'set_concurrency', { queue: 'cmp', calls: 2 }, S)
  await rpc('set_max_rps', 'service', 'set_max_rps', { queue: 'cmp', max_rps: 0.5 }, S)
  await rpc('set_max_rps null', 'service', 'set_max_rps', { queue: 'cmp', max_rps: null }, S)
  await rpc('set_rate_limit', 'service', 'set_rate_limit', { name: 'r', max_rps: 5 }, S)
  await rpc('depend cycle', 'service', 'depend', { target: job, sources: [job] }, S)
  const at = { cron: '30 8 * * mon-fri', time_zone: 'Europe/Berlin', after: '2026-01-01T00:00:00Z' }
  await rpc('next_time', 'service', 'next_time', at, S)
  await rpc('metrics', 'service', 'metrics', {}, S)
  await rpc('process_jobs()', 'service', 'process_jobs', {}, S)
  await rpc('process_jobs(queue)', 'service', 'process_jobs', { queue: q }, S)
  await rpc('canary', 'service', 'canary', { queue: 'cmp', fingerprint: 'x' }, S)
  await rpc('canary_verdict', 'service', 'canary_verdict', { jobs: [job], fingerprint: 'x' }, S)
  await rpc('retry_failures', 'service', 'retry_failures', { queue: 'cmp' }, S)
  await rpc('reprocess', 'service', 'reprocess', { queue: 'cmp' }, S)
  await rpc('reprocess none', 'service', 'reprocess', {}, S)
  await rpc('sweep', 'service', 'sweep', {}, S)
  await rpc('create_api_key', 'service', 'create_api_key', { name: 'k1', scopes: ['enqueue', 'read'] }, S)

  // The turn, and other ways to ask.
  await rpc('turn probe', 'service', 'supaqueue_turn', { request: {} })
  await rpc('turn no run', 'service', 'supaqueue_turn', { request: { queue: q } })
  await rpc('turn bad uuid', 'service', 'supaqueue_turn', { request: { queue: 'x', run: 'y' } })
  await rpc('turn', 'service', 'supaqueue_turn', { request: { queue: q, run: user1, room: 0, hello: true } })
  await rpc('turn as anon', 'anon', 'supaqueue_turn', { request: {} })
  await rpc('turn as u1', 'u1', 'supaqueue_turn', { request: {} })
  const minimal = { prefer: 'return=minimal' }
  await rpc('turn Prefer return=minimal', 'service', 'supaqueue_turn', { request: {} }, minimal)
  const single = { prefer: 'params=single-object' }
  await rpc('turn Prefer params=single-object', 'service', 'supaqueue_turn', {}, single)
  const rollback = { ...S, prefer: 'tx=rollback' }
  await rpc('turn Prefer tx=rollback', 'service', 'enqueue', { queue: 'cmp', dedupe_key: 'rb' }, rollback)
  await ask('turn GET', 'service', 'GET', '/rpc/supaqueue_turn?request=%7B%7D')
  await ask('GET enqueue', 'service', 'GET', '/rpc/enqueue?queue=cmp', undefined, A)
  await ask('GET metrics', 'service', 'GET', '/rpc/metrics', undefined, A)
  await rows(recordedSets)
  const some = `/rpc/recorded_sources?job=${target}&limit=2&select=source`
  await ask('GET source_results limit', 'service', 'GET', some, undefined, A)
  await ask('HEAD metrics', 'service', 'HEAD', '/rpc/metrics', undefined, A)
  const sources = { job: target }
  await rpc('rpc + count', 'service', 'recorded_sources', sources, { ...S, prefer: 'count=exact', range: '0-1' })
  await rpc('rpc page 2', 'service', 'recorded_sources', sources, { ...S, range: '1000-1999' })
  const asObject = { ...S, accept: 'application/vnd.pgrst.object+json' }
  await rpc('rpc single', 'service', 'recorded_sources', sources, asObject)
  await rpc('rpc csv', 'service', 'recorded_sources', { job: 0 }, { ...S, accept: 'text/csv' })
  await rpc('rpc accept text', 'service', 'metrics', {}, { ...S, accept: 'text/plain' })
  await ask('PUT rpc', 'service', 'PUT', '/rpc/metrics', {}, S)

  // Doors.
  const month = { queue: 'open', payload: { month: 'x' } }
  await rpc('door closed anon', 'anon', 'supaqueue_enqueue', { queue: 'open' })
  await rpc('door closed user', 'u1', 'supaqueue_enqueue', { queue: 'open' })
  const schema = { type: 'object', properties: { month: { type: 'string' } }, required: ['month'] }
  // deno-fmt-ignore
  await rpc('allow', 'service', 'allow', { queue: 'open', role: 'authenticated', per_minute: 3, may_cancel: true, show_result: true, schema }, S)
  await rpc('allow anon', 'service', 'allow', { queue: 'open', role: 'anon', per_minute: 2 }, S)
  await rows(`select supaqueue.pause('open')`)
  await rpc('door u1', 'u1', 'supaqueue_enqueue', month)
  const own = await one<number>('select max(id) from supaqueue.job')
  await rpc('door u1 bad payload', 'u1', 'supaqueue_enqueue', { queue: 'open', payload: { m: 1 } })
  await rpc('door u1 null payload', 'u1', 'supaqueue_enqueue', { queue: 'open', payload: null })
  const large = { queue: 'open', payload: { month: 'x'.repeat(70000) } }
  await rpc('door u1 too large', 'u1', 'supaqueue_enqueue', large)
  await rpc('door u1 far run_at', 'u1', 'supaqueue_enqueue', { ...month, run_at: '2099-01-01' })
  await rpc('door u1 unknown queue', 'u1', 'supaqueue_enqueue', { queue: 'nope', payload: {} })
  await rpc('door nosub', 'nosub', 'supaqueue_enqueue', month)
  await rpc('status own', 'u1', 'supaqueue_status', { job: own })
  await rpc('status other', 'u2', 'supaqueue_status', { job: own })
  await rpc('status anon', 'anon', 'supaqueue_status', { job: own })
  await ask('status GET own', 'u1', 'GET', `/rpc/supaqueue_status?job=${own}`)
  await rpc('cancel other', 'u2', 'supaqueue_cancel', { job: own })
  await rpc('cancel own', 'u1', 'supaqueue_cancel', { job: own })
  await rpc('cancel own again', 'u1', 'supaqueue_cancel', { job: own })
  for (let i = 0; i < 3; i++) await rpc(`door u1 rate ${i}`, 'u1', 'supaqueue_enqueue', month)
  for (let i = 0; i < 3; i++) await rpc(`door anon ${i}`, 'anon', 'supaqueue_enqueue', { queue: 'open', payload: {} })
  const byGet = '/rpc/supaqueue_enqueue?queue=open&payload=%7B%22month%22:%22x%22%7D'
  await ask('door GET', 'u2', 'GET', byGet)
  await rpc('supaqueue.enqueue as user', 'u1', 'enqueue', { queue: 'open' }, S)
  await rpc('supaqueue.enqueue as anon', 'anon', 'enqueue', { queue: 'open' }, S)
  await ask('table as anon', 'anon', 'GET', '/job?select=id&limit=1', undefined, A)
  await ask('table as user', 'u1', 'GET', '/job?select=id&limit=1', undefined, A)
  await rpc('revoke', 'service', 'revoke', { queue: 'open' }, S)
  await rpc('door after revoke', 'u2', 'supaqueue_enqueue', month)

  // Tables.
  const told = { ...S, prefer: 'return=representation' }
  const columns = (...names: string[]) =>
    `/job?columns=${names.map((name) => `%22${name}%22`)}&select=status,priority,payload`
  const four = columns('queue', 'payload', 'status', 'priority')
  const mixed = [{ queue: q, payload: { mk: 1 }, status: 'held', priority: 4 }, { queue: q, payload: { mk: 2 } }]
  await ask('insert', 'service', 'POST', '/job', { queue: q, payload: { z: 1 } }, told)
  await ask('insert mixed keys', 'service', 'POST', four, mixed, told)
  const statuses = [{ queue: q, payload: { ms: 1 }, status: 'held' }, { queue: q, payload: { ms: 2 } }]
  await ask('insert mixed: status only', 'service', 'POST', columns('queue', 'payload', 'status'), statuses, told)
  const defaults = { ...S, prefer: 'return=representation,missing=default' }
  await ask('insert mixed missing=default', 'service', 'POST', four, mixed, defaults)
  await ask('insert by set in_progress', 'service', 'POST', '/job', { queue: q, status: 'in_progress' }, S)
  await ask('insert bad queue', 'service', 'POST', '/job', { queue: user1 }, S)
  await ask('insert dup', 'service', 'POST', '/job', { queue: q, dedupe_key: 'd' }, S)
  await ask('select', 'service', 'GET', '/job?select=id,payload&order=id.desc&limit=2', undefined, A)
  const counted = { ...A, prefer: 'count=exact' }
  await ask('select count', 'service', 'GET', `/job?select=id&limit=1&queue=eq.${q}`, undefined, counted)
  await ask('select all', 'service', 'GET', `/job?select=id&queue=eq.${q}`, undefined, A)
  await ask('select embed', 'service', 'GET', `/job?select=id,queue(name)&limit=1&queue=eq.${q}`, undefined, A)
  await ask('select view', 'service', 'GET', '/queue_overview?limit=1', undefined, A)
  await ask('select counters', 'service', 'GET', '/queue_counters?select=name,enqueued&limit=1', undefined, A)
  const again = { status: 'pending', attempts: 0 }
  await ask('update', 'service', 'PATCH', `/job?id=eq.${job}`, again, told)
  await ask('update to in_progress', 'service', 'PATCH', `/job?id=eq.${job}`, { status: 'in_progress' }, S)
  await ask('delete all w/o filter', 'service', 'DELETE', `/batch?id=eq.${user1}`, undefined, S)
  await ask('root', 'service', 'GET', '/', undefined, A)
  return answers
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

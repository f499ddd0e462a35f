import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startGateway } from '../../../../scripts/dev/gateway.ts'
import { makeKeyring } from '../../../../scripts/dev/keyring.ts'
import { makeKeys, signJwt } from '../../../../scripts/dev/keys.ts'
import { startRestLite } from '../../../../scripts/dev/rest/lite.ts'
import type { Rest } from '../../../../scripts/dev/rest/rest.ts'
import { startRestThin } from '../../../../scripts/dev/rest/thin.ts'
import { type TestDatabase, testDatabase } from '../../../support/database.ts'

const keys = await makeKeys()

const functions = `
  create function public.who() returns text language sql as 'select current_user::text';
  revoke execute on function public.who from public, anon, authenticated;
  grant execute on function public.who to service_role;
  create function public.everyone() returns jsonb language sql as
    $$ select jsonb_build_object('role', current_user, 'claims', current_setting('request.jwt.claims')::jsonb) $$;
  create function public.echo(value jsonb) returns jsonb language sql as 'select value';
  create function public.rows(many integer, label text default 'row') returns table (n integer, name text)
    language sql as 'select n, label || n from generate_series(1, many) as n';
  create function public.nothing() returns void language sql as '';
  create function public.refuse(code text) returns void language plpgsql as
    $$ begin raise exception using errcode = code, message = 'no', detail = 'because', hint = 'try'; end $$;
  create function public.say(message text, detail text) returns void language plpgsql as
    $$ begin raise sqlstate 'PGRST' using message = message, detail = detail; end $$;
  create function public.timeout() returns text language sql as $$ select current_setting('statement_timeout') $$;
  create function public.own_timeout(outside text default current_setting('statement_timeout')) returns text
    language sql set statement_timeout = '1234ms' as 'select outside';
  create function public.transaction() returns text language sql volatile as
    $$ select current_setting('transaction_isolation') || ', read only ' || current_setting('transaction_read_only') $$;
  create function public.own_transaction() returns text language sql set default_transaction_isolation = 'repeatable read'
    as 'select public.transaction()';
  create function public.wait() returns text language sql as 'select pg_sleep(60)::text';
  create function supaqueue.hidden() returns text language sql as $$ select 'found' $$;
  grant execute on function supaqueue.hidden to service_role;
  create table public.effect (n integer);
  create table public.plain (a integer, b text default 'default');
  create table public.many as select n from generate_series(1, 1500) n;
  create function public.refuse_row() returns trigger language plpgsql as
    $$ begin raise exception using errcode = new.code, message = 'no', detail = 'because', hint = 'try'; end $$;
  create table public.picky (code text);
  create trigger refuse_row before insert on public.picky for each row execute function public.refuse_row();
  create function public.leave_effects() returns setof integer language sql as
    'insert into public.effect values (1), (2) returning n';
  create function public.break_promise() returns integer stable language plpgsql as
    $$ begin perform public.leave_effect(); return 1; end $$;
  create function public.either(a integer) returns text language sql as $$ select 'one' $$;
  create function public.either(a integer, b integer default 0) returns text language sql as $$ select 'two' $$;
  create function public.shout(text) returns text language sql as 'select upper($1)';
  create sequence public.try;
  create function public.third_time() returns text language plpgsql as
    $$ begin if nextval('public.try') % 3 <> 0 then raise sqlstate '40001'; end if; return 'lucky'; end $$;
  create function public.third_deadlock() returns text language plpgsql as
    $$ begin if nextval('public.try') % 3 <> 0 then raise sqlstate '40P01'; end if; return 'lucky'; end $$;
  create function public.never() returns text language plpgsql as
    $$ begin perform nextval('public.try'); raise sqlstate '40001'; end $$;
  create function public.leave_effect() returns integer language sql as 'insert into public.effect values (1) returning n';
`

let database: TestDatabase

beforeAll(async () => {
  database = await testDatabase()
  const owner = await database.connect('owner')
  await owner.query(functions)
})
afterAll(() => database.drop())

type Setup = { rest: Rest; rpc: Rpc; url: string }
type Rpc = (
  name: string,
  argument?: unknown,
  headers?: Record<string, string>,
) => Promise<{ status: number; body: unknown }>

/** The endpoint behind a gateway, for the length of a test. */
async function served(start: () => Promise<Rest>, use: (setup: Setup) => Promise<void>) {
  const rest = await start()
  const gateway = await startGateway({ keyring: makeKeyring(keys) })
  gateway.open({ rest, edge: { handle: () => {}, names: () => [] } })
  const rpc: Rpc = async (name, argument = {}, headers = { apikey: keys.secret }) => {
    const response = await fetch(`${gateway.url}/rest/v1/rpc/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(argument),
    })
    const text = await response.text()
    return { status: response.status, body: text ? JSON.parse(text) : undefined }
  }
  try {
    await use({ rest, rpc, url: gateway.url })
  } finally {
    await gateway.stop()
    await rest.stop()
  }
}

const kinds = [
  [
    'lite',
    (schemas?: string[]) =>
      startRestLite({ databaseUrl: database.ownerUrl, connections: 2, ...schemas && { schemas } }),
  ],
  [
    'thin',
    (schemas?: string[]) =>
      startRestThin({ databaseUrl: database.authenticatorUrl, connections: 2, ...schemas && { schemas } }),
  ],
] as const

describe.each(kinds)('%s', (_, start) => {
  test('acts as service_role for the secret and the service key', () =>
    served(start, async ({ rpc }) => {
      expect(await rpc('who')).toEqual({ status: 200, body: 'service_role' })
      expect(await rpc('who', {}, { apikey: keys.serviceRole })).toEqual({ status: 200, body: 'service_role' })
    }))

  test('refuses anon what anon may not, as 401 with the code of the database', () =>
    served(start, async ({ rpc }) => {
      for (const apikey of [keys.publishable, keys.anon]) {
        expect(await rpc('who', {}, { apikey })).toMatchObject({ status: 401, body: { code: '42501' } })
      }
    }))

  test('acts as the user whose JWT comes with a publishable key, and refuses them with 403', () =>
    served(start, async ({ rpc }) => {
      const jwt = await signJwt(keys.jwtSecret, { role: 'authenticated', sub: 'somebody' })
      const headers = { apikey: keys.publishable, authorization: `Bearer ${jwt}` }

      expect((await rpc('everyone', {}, headers)).body)
        .toMatchObject({ role: 'authenticated', claims: { sub: 'somebody', role: 'authenticated' } })
      expect(await rpc('who', {}, headers)).toMatchObject({ status: 403, body: { code: '42501' } })
    }))

  test('answers nothing at all while a schema that it is to serve is not there', async () => {
    const owner = await database.connect('owner')
    await owner.query('create schema if not exists soon_gone')
    await served(() => start(['public', 'soon_gone']), async ({ rest, rpc, url }) => {
      expect((await rpc('nothing')).status).toBe(204)

      await owner.query('drop schema soon_gone')
      await rest.refresh()
      expect(await rpc('nothing')).toMatchObject({ status: 503, body: { code: 'PGRST002' } })
      expect((await fetch(`${url}/rest/v1/plain`, { headers: { apikey: keys.secret } })).ok).toBe(false)

      await owner.query('create schema soon_gone')
      expect((await rpc('nothing')).status).toBe(204)
    })
  })

  test('takes off the role again: the next caller on the same connection is itself', () =>
    served(start, async ({ rpc }) => {
      await Promise.all([rpc('who'), rpc('who'), rpc('who')])

      const answers = await Promise.all([1, 2, 3].map(() => rpc('everyone', {}, { apikey: keys.publishable })))

      expect(answers.map(({ body }) => (body as { role: string }).role)).toEqual(['anon', 'anon', 'anon'])
    }))

  test.each([
    [{ a: [1, { b: `it's "quoted" \\ é` }] }],
    [[1, 2]],
    ['text'],
    [5],
    [true],
  ])('brings a json argument through as it is: %j', (value) =>
    served(start, async ({ rpc }) => {
      expect(await rpc('echo', { value })).toEqual({ status: 200, body: value })
    }))

  test('answers sets as arrays, void with 204, and fills in defaults', () =>
    served(start, async ({ rpc }) => {
      expect((await rpc('rows', { many: 2 })).body).toEqual([{ n: 1, name: 'row1' }, { n: 2, name: 'row2' }])
      expect((await rpc('rows', { many: 0, label: 'x' })).body).toEqual([])
      expect(await rpc('nothing')).toEqual({ status: 204, body: undefined })
    }))

  test.each([
    ['PT418', 418],
    ['P0001', 400],
    ['23505', 409],
    ['SQ422', 400],
    ['28000', 403],
    ['28P01', 403],
    ['21000', 500],
    ['53400', 500],
    ['53100', 503],
    ['57P03', 500],
    ['08006', 503],
  ])(
    'answers an error %s with %i, and its message, details and hint',
    (code, status) =>
      served(start, async ({ rpc }) => {
        const { status: answered, body } = await rpc('refuse', { code })

        expect(answered).toBe(status)
        expect(body).toMatchObject({ code, message: 'no', details: 'because', hint: 'try' })
      }),
  )

  test('answers a raised PGRST with the status, the headers and the body that it says', () =>
    served(start, async ({ url }) => {
      const say = (message: string, detail: string) =>
        fetch(`${url}/rest/v1/rpc/say`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', apikey: keys.secret },
          body: JSON.stringify({ message, detail }),
        })
      const words = { code: 'SQ429', message: 'no', details: null, hint: 'try' }
      const said = await say(JSON.stringify(words), '{"status": 429, "headers": {"Retry-After": "7"}}')
      const garbled = await say('no', '{}')

      expect(said.status).toBe(429)
      expect(said.headers.get('retry-after')).toBe('7')
      expect(await said.json()).toEqual(words)
      expect(garbled.status).toBe(500)
      expect(await garbled.json()).toMatchObject({ code: 'PGRST121' })
    }))

  const call = (url: string, path: string, body: string | undefined, headers: Record<string, string> = {}) =>
    fetch(`${url}/rest/v1/rpc/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { ...body === undefined ? {} : { 'content-type': 'application/json' }, apikey: keys.secret, ...headers },
      body,
    })

  test('cuts a set at 1,000 rows without a word, and one that is asked to count says so', () =>
    served(start, async ({ url }) => {
      const cut = await call(url, 'rows', '{"many": 1500}')
      const counted = await call(url, 'rows', '{"many": 1500}', { prefer: 'count=exact' })
      const filtered = await call(url, 'rows?many=1500&limit=5000', undefined)

      expect([cut.status, cut.headers.get('content-range')]).toEqual([200, '0-999/*'])
      expect(await cut.json()).toHaveLength(1000)
      expect([counted.status, counted.headers.get('content-range')]).toEqual([206, '0-999/1500'])
      expect(await filtered.json()).toHaveLength(1000)
    }))

  test('gives one JSON value whole, however long', () =>
    served(start, async ({ url }) => {
      const response = await call(url, 'echo', JSON.stringify({ value: Array.from({ length: 1500 }, (_, n) => n) }))

      expect(response.headers.get('content-range')).toBe('0-0/*')
      expect(await response.json()).toHaveLength(1500)
    }))

  test('pages, sorts and narrows a set by the query string', () =>
    served(start, async ({ url }) => {
      const response = await call(url, 'rows?many=5&select=name&order=n.desc&limit=2&offset=1', undefined)

      expect(response.headers.get('content-range')).toBe('1-2/*')
      expect(await response.json()).toEqual([{ name: 'row4' }, { name: 'row3' }])
    }))

  test('gives one row as an object, and undoes a call that brought more', () =>
    served(start, async ({ url }) => {
      const accept = { accept: 'application/vnd.pgrst.object+json' }

      expect(await (await call(url, 'rows', '{"many": 1}', accept)).json()).toEqual({ n: 1, name: 'row1' })
      const refused = await call(url, 'leave_effects', '{}', accept)
      expect(refused.status).toBe(406)
      expect(await refused.json()).toMatchObject({ code: 'PGRST116', details: 'The result contains 2 rows' })
      const owner = await database.connect('owner')
      expect((await owner.query('select from public.effect')).rowCount).toBe(0)
    }))

  test('writes CSV if asked to, and no other form that it does not know', () =>
    served(start, async ({ url }) => {
      const csv = await call(url, 'rows', '{"many": 2}', { accept: 'text/csv' })

      expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8')
      expect(await csv.text()).toBe('n,name\n1,row1\n2,row2')
      const refused = await call(url, 'rows', '{"many": 2}', { accept: 'text/plain' })
      expect(refused.status).toBe(406)
      expect(await refused.json()).toMatchObject({ code: 'PGRST107' })
    }))

  test.each([
    ['bogus=1', 'bogus=1'],
    ['tx=rollback, anything', 'anything'],
    ['params=single-object', 'params=single-object'],
    ['timezone=Nowhere/Else', 'timezone=Nowhere/Else'],
  ])(
    'refuses the preference %s of who asks to be held to it, and passes over it otherwise',
    (prefer, unknown) =>
      served(start, async ({ url }) => {
        const refused = await call(url, 'leave_effect', '{}', { prefer: `handling=strict, ${prefer}` })
        expect(refused.status).toBe(400)
        expect(await refused.json()).toMatchObject({ code: 'PGRST122', details: `Invalid preferences: ${unknown}` })
        const owner = await database.connect('owner')
        expect((await owner.query('select from public.effect')).rowCount).toBe(0)

        expect((await call(url, 'rows', '{"many": 1}', { prefer })).status).toBe(200)
        const known = await call(url, 'rows', '{"many": 1}', {
          prefer: 'handling=strict, timezone=Asia/Tokyo, count=exact',
        })
        expect([known.status, known.headers.get('preference-applied')])
          .toEqual([200, 'count=exact, handling=strict, timezone=Asia/Tokyo'])
      }),
  )

  test('does not choose between two functions that both fit', () =>
    served(start, async ({ rpc }) => {
      expect(await rpc('either', { a: 1 })).toMatchObject({ status: 300, body: { code: 'PGRST203' } })
      expect(await rpc('either', { a: 1, b: 2 })).toEqual({ status: 200, body: 'two' })
    }))

  test('takes plain text for the one argument of a function that has no name for it', () =>
    served(start, async ({ url }) => {
      const text = { 'content-type': 'text/plain' }

      expect(await (await call(url, 'shout', 'hey', text)).json()).toBe('HEY')
      expect((await call(url, 'echo', '{"value": 1}', text)).status).toBe(404)
    }))

  test.each([
    ['', 404],
    ['null', 404],
    ['[]', 404],
    ['[1]', 400],
    ['[{"value": 1}, {}]', 400],
    ['{"value":', 400],
    ['{"value": "\\ud800"}', 400],
    ['{"value": "\\ud83c\\udf89"}', 200],
    ['[{"value": 1}]', 200],
  ])('answers the body %j with %i', (body, status) =>
    served(start, async ({ url }) => {
      expect((await call(url, 'echo', body)).status).toBe(status)
    }))

  test('holds a function that is called by GET, or that promises it, to changing nothing', () =>
    served(start, async ({ url }) => {
      for (const response of [await call(url, 'leave_effect', undefined), await call(url, 'break_promise', '{}')]) {
        expect(response.status).toBe(405)
        expect(await response.json()).toMatchObject({ code: '25006' })
      }
    }))

  test.each(['third_time', 'third_deadlock'])(
    'repeats %s until it succeeds, so that nobody hears of it',
    (name) =>
      served(start, async ({ rpc }) => {
        expect(await rpc(name)).toEqual({ status: 200, body: 'lucky' })
      }),
  )

  test('stops repeating when nobody waits any more', () =>
    served(start, async ({ url }) => {
      const tries = async () =>
        (await (await database.connect('owner')).query('select last_value from public.try')).rows
      const impatient = new AbortController()
      const waiting = fetch(`${url}/rest/v1/rpc/never`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', apikey: keys.secret },
        body: '{}',
        signal: impatient.signal,
      })
      const [before] = await tries()
      await expect.poll(async () => (await tries())[0].last_value).toBeGreaterThan(before.last_value + 2)

      impatient.abort()

      await expect(waiting).rejects.toThrow('aborted')
      await expect.poll(async () => {
        const [first] = await tries()
        await new Promise((resolve) => setTimeout(resolve, 50))
        return (await tries())[0].last_value - first.last_value
      }).toBe(0)
    }))

  test('is as good after an error as before', () =>
    served(start, async ({ rpc }) => {
      for (const code of ['P0001', '42501', 'PT418']) await rpc('refuse', { code })

      expect(await rpc('who')).toEqual({ status: 200, body: 'service_role' })
    }))

  test('does not know a function that is not there, or not by these arguments', () =>
    served(start, async ({ rpc }) => {
      for (const call of [rpc('nope'), rpc('echo', { other: 1 })]) {
        expect(await call).toMatchObject({ status: 404, body: { code: 'PGRST202' } })
      }
    }))

  test('looks into the schema that is named, if it is exposed', () =>
    served(start, async ({ rpc }) => {
      const headers = { apikey: keys.secret }

      expect((await rpc('hidden', {}, { ...headers, 'content-profile': 'supaqueue' })).body).toBe('found')
      expect(await rpc('hidden', {}, { ...headers, 'content-profile': 'vault' }))
        .toMatchObject({ status: 406, body: { code: 'PGRST106' } })
    }))

  test('knows a new function after a refresh', () =>
    served(start, async ({ rest, rpc }) => {
      const owner = await database.connect('owner')
      await owner.query(`create or replace function public.late() returns text language sql as $$ select 'here' $$`)

      await rest.refresh()

      expect((await rpc('late')).body).toBe('here')
      await owner.query('drop function public.late')
    }))

  test('works again after its database connections broke', () =>
    served(start, async ({ rpc }) => {
      await Promise.all([rpc('who'), rpc('who')])
      const admin = await database.connect('admin')
      await admin.query(`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and usename <> 'supabase_admin'`)

      await expect.poll(async () => (await rpc('who')).status).toBe(200)
    }))

  test('tells a call whose database connection breaks that it is unavailable', () =>
    served(start, async ({ rpc }) => {
      const waiting = rpc('wait')
      const admin = await database.connect('admin')

      await expect.poll(async () =>
        (await admin.query(`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and query like '%"wait"%' and pid <> pg_backend_pid() and state = 'active'`))
          .rowCount
      ).toBe(1)

      expect(await waiting).toMatchObject({ status: 503, body: { code: '57P01' } })
    }))

  test('is ill when told to be: resets, says 503, does the work and loses the answer', () =>
    served(start, async ({ rest, rpc }) => {
      rest.faults.refuse = 'reset'
      await expect(rpc('leave_effect')).rejects.toThrow('fetch failed')

      rest.faults.refuse = 'unavailable'
      expect((await rpc('leave_effect')).status).toBe(503)

      rest.faults.refuse = undefined
      rest.faults.loseAnswers = true
      await expect(rpc('leave_effect')).rejects.toThrow('fetch failed')

      rest.faults.loseAnswers = false
      expect((await rpc('who')).status).toBe(200)
      const owner = await database.connect('owner')
      const { rows: [effect] } = await owner.query(
        'with gone as (delete from public.effect returning *) select count(*) from gone',
      )
      expect(effect.count).toBe(1)
    }))
})

describe('thin', () => {
  const thin = kinds[1][1]

  test("runs a function under its own statement_timeout, else under its caller's", () =>
    served(thin, async ({ rpc }) => {
      // Seen from outside of the function, where alone it has an effect.
      expect((await rpc('own_timeout')).body).toBe('1234ms')
      expect((await rpc('timeout')).body).toBe('8s')
      expect((await rpc('timeout', {}, { apikey: keys.publishable })).body).toBe('3s')
    }))

  test('begins with read committed and read write, whatever the database has as its defaults', async () => {
    const admin = await database.connect('admin')
    await admin.query(`alter database ${database.name} set default_transaction_isolation = serializable`)
    await admin.query(`alter database ${database.name} set default_transaction_read_only = on`)
    try {
      await served(thin, async ({ rpc }) => {
        expect((await rpc('transaction')).body).toBe('read committed, read only off')
        expect((await rpc('own_transaction')).body).toMatch(/^repeatable read/)
        expect((await rpc('leave_effect')).status).toBe(200)
      })
    } finally {
      await admin.query('begin read write')
      await admin.query(`alter database ${database.name} reset default_transaction_isolation`)
      await admin.query(`alter database ${database.name} reset default_transaction_read_only`)
      await admin.query('delete from public.effect')
      await admin.query('commit')
    }
  })

  test('loses no digit of a number', () =>
    served(thin, async ({ url }) => {
      const response = await fetch(`${url}/rest/v1/rpc/echo`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', apikey: keys.secret },
        body: '{"value": [9007199254740993, 1.50]}',
      })

      expect(await response.text()).toBe('[9007199254740993, 1.50]')
    }))

  test('refuses what it does not do, and says who does', () =>
    served(thin, async ({ url }) => {
      const response = await fetch(`${url}/rest/v1/effect`, { headers: { apikey: keys.secret } })

      expect(response.status).toBe(405)
      expect((await response.json()).hint).toContain('lite')
    }))

  test('knows no filters, and says who does', () =>
    served(thin, async ({ url }) => {
      const response = await fetch(`${url}/rest/v1/rpc/rows?many=2&n=gt.1`, { headers: { apikey: keys.secret } })

      expect(response.status).toBe(501)
      expect((await response.json()).hint).toContain('lite')
    }))
})

describe('lite', () => {
  test('reads and writes tables as the role that asks, and grants nothing to anybody', () =>
    served(kinds[0][1], async ({ url }) => {
      const headers = {
        'content-type': 'application/json',
        'content-profile': 'supaqueue',
        'accept-profile': 'supaqueue',
      }
      const insert = (apikey: string) =>
        fetch(`${url}/rest/v1/queue`, {
          method: 'POST',
          headers: { ...headers, apikey, prefer: 'return=representation' },
          body: JSON.stringify({ name: 'by rest', edge_function_name: 'hello', default_headers: { 'x-a': 'b' } }),
        })

      expect((await insert(keys.publishable)).status).toBe(401)
      const made = await insert(keys.secret)
      expect(made.status).toBe(201)
      expect(await made.json()).toMatchObject([{ name: 'by rest', default_headers: { 'x-a': 'b' } }])

      const owner = await database.connect('owner')
      const { rows } = await owner.query(`
        select grantee from information_schema.role_table_grants
        where table_schema = 'supaqueue' and grantee in ('anon', 'authenticated', 'PUBLIC')`)
      expect(rows).toEqual([])
    }))

  test.each([
    ['SQ422', 400],
    ['PT418', 418],
    ['42501', 403],
  ])('answers an error %s of a table with %i and its hint, and prints nothing', async (code, status) => {
    const print = vi.spyOn(console, 'error').mockImplementation(() => {})
    await served(kinds[0][1], async ({ url }) => {
      const response = await fetch(`${url}/rest/v1/picky`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'apikey': keys.secret },
        body: JSON.stringify({ code }),
      })

      expect(response.status).toBe(status)
      expect(await response.json()).toEqual({ code, message: 'no', details: 'because', hint: 'try' })
    })
    expect(print).not.toHaveBeenCalled()
    print.mockRestore()
  })

  const insert = (url: string, query: string, rows: unknown[], prefer = 'return=representation') =>
    fetch(`${url}/rest/v1/plain${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', apikey: keys.secret, prefer },
      body: JSON.stringify(rows),
    })

  test('writes null where a row has no such key, as PostgREST does', () =>
    served(kinds[0][1], async ({ url }) => {
      const unlike = [{ a: 1, b: 'x' }, { a: 2 }]

      expect(await (await insert(url, '?columns="a","b"', unlike)).json()).toEqual([{ a: 1, b: 'x' }, {
        a: 2,
        b: null,
      }])
      await insert(url, '?columns="a","b"', [{ a: 3, b: 'x' }, { a: 4 }], 'missing=default')
      const owner = await database.connect('owner')
      expect((await owner.query('select b from public.plain where a = 4')).rows).toEqual([{ b: 'default' }])
      const refused = await insert(url, '', unlike)
      expect(refused.status).toBe(400)
      expect(await refused.json()).toMatchObject({ code: 'PGRST102', message: 'All object keys must match' })
    }))

  test('cuts tables at 1,000 rows, too, whatever limit is asked for', () =>
    served(kinds[0][1], async ({ url }) => {
      const get = (path: string) => fetch(`${url}/rest/v1/${path}`, { headers: { apikey: keys.secret } })

      for (
        const path of ['many', 'many?limit=5000', 'rpc/rows?many=1500&n=gt.0', 'rpc/rows?many=1500&n=gt.0&limit=5000']
      ) {
        expect(await (await get(path)).json(), path).toHaveLength(1000)
      }
    }))

  test('sees a new table after a refresh', () =>
    served(kinds[0][1], async ({ rest, url }) => {
      const status = async () => (await fetch(`${url}/rest/v1/late`, { headers: { apikey: keys.secret } })).status
      expect(await status()).toBe(404)
      const owner = await database.connect('owner')
      await owner.query('create table public.late (n integer)')

      await rest.refresh()

      expect(await status()).toBe(200)
      await owner.query('drop table public.late')
    }))

  test('writes times as PostgREST does', () =>
    served(kinds[0][1], async ({ rest, url }) => {
      const owner = await database.connect('owner')
      await owner.query(`create table public.moment as select '2026-01-02 03:04:05+00'::timestamptz as at`)
      await rest.refresh()

      const response = await fetch(`${url}/rest/v1/moment`, { headers: { apikey: keys.secret } })

      expect(await response.json()).toEqual([{ at: '2026-01-02T03:04:05+00:00' }])
      await owner.query('drop table public.moment')
    }))
})

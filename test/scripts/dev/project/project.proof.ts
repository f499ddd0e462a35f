import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { runSupaqueue } from '../../../support/management_api/terminal.ts'
import { freePorts } from '../support/free_ports.ts'
import { until } from '../../../support/until.ts'

// `supaqueue dev` in somebody's project, of the kind that is found in the wild.

const root = join(import.meta.dirname, '../../../..')
let folder: string
const started: ChildProcess[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'project-'))
  put(
    'supabase/migrations/20250101000000_app.sql',
    `
    create extension if not exists "uuid-ossp" with schema extensions;
    create extension if not exists pg_net with schema extensions;
    create extension if not exists pgmq;
    create table public.profile (id uuid primary key references auth.users on delete cascade, name text);
    alter table public.profile enable row level security;
    create policy own on public.profile for select to authenticated using (auth.uid() = id);
    create function public.welcome() returns trigger language plpgsql security definer set search_path = '' as $$
    begin
      insert into public.profile (id, name) values (new.id, new.raw_user_meta_data ->> 'name');
      perform supaqueue.enqueue('greetings', jsonb_build_object('name', new.raw_user_meta_data ->> 'name'));
      return new;
    end $$;
    create trigger welcome after insert on auth.users for each row execute function public.welcome();
    insert into storage.buckets (id, name, public) values ('avatars', 'avatars', true);
    create policy look on storage.objects for select using (bucket_id = 'avatars');
    alter publication supabase_realtime add table public.profile;`,
  )
  put('supabase/config.toml', 'project_id = "app"\n[db.seed]\nsql_paths = ["./seeds/*.sql"]\n')
  put(
    'supabase/seeds/one.sql',
    `insert into auth.users (email, raw_user_meta_data) values ('ada@example.com', '{"name": "Ada"}');`,
  )
  put('supabase/functions/env/index.ts', `Deno.serve(() => Response.json({ mine: Deno.env.get('MINE') }))`)
  put('supabase/functions/env/deno.json', '{}')
  put('supabase/functions/.env', 'MINE="of mine"\nSUPABASE_URL=http://elsewhere\n')
  const { code, text } = await runSupaqueue(['init', '--yes'], { cwd: folder, env: {} })
  expect(text).toContain('npx supaqueue dev')
  expect(code).toBe(0)
})

afterEach(() => started.splice(0).forEach((child) => child.kill('SIGKILL')))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function put(path: string, text: string) {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}

async function dev(...args: string[]) {
  const child = spawn(
    process.execPath,
    [
      '--import',
      join(root, 'node_modules/tsx/dist/loader.mjs'),
      join(root, 'scripts/dev/dev.ts'),
      '--port',
      String(await freePorts()),
      ...args,
    ],
    { cwd: folder, env: { ...process.env, INIT_CWD: undefined } },
  )
  started.push(child)
  const printed = { out: '' }
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => printed.out += text)
  }
  let closed: { code: number | null; out: string } | undefined
  const ended = once(child, 'close').then(([code]) => closed = { code, out: printed.out })
  const runs = async () => {
    await until(() => Promise.resolve(closed !== undefined || printed.out.includes('What functions print')))
      .catch((reason) => Promise.reject(new Error(`${reason.message}\n${printed.out}`)))
    if (closed) throw new Error(`it ended by itself, with ${closed.code}:\n${closed.out}`)
  }
  return { printed, ended, runs, stop: () => (child.kill('SIGTERM'), ended) }
}

async function ask(printed: { out: string }, sql: string) {
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: /postgresql:[^']+/.exec(printed.out)?.[0] })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

test('applies migrations and seeds, serves functions, keeps the data, and begins anew with --reset', async () => {
  const first = await dev('--reset')
  await first.runs()
  await until(async () => (await ask(first.printed, `select from supaqueue.job where status = 'success'`)).length === 1)
  const api = /API +(\S+)/.exec(first.printed.out)?.[1]
  const key = /(sb_secret_\S+)/.exec(first.printed.out)?.[1] ?? ''
  const env = await (await fetch(`${api}/functions/v1/env`, { headers: { apikey: key } })).json()
  const absent = await Promise.all(['hello', 'read-paragraph', 'supaqueue-api'].map(async (name) => {
    return (await fetch(`${api}/functions/v1/${name}`, { method: 'POST', headers: { apikey: key }, body: '{}' })).status
  }))
  const [job] = await ask(first.printed, 'select payload, result from supaqueue.job')
  await ask(first.printed, `update public.profile set name = 'Ada Lovelace'`)
  const there = (...args: string[]) => runSupaqueue([...args, '--local'], { cwd: join(folder, 'supabase'), env: {} })
  const [status, doctor] = [await there('status', '--json'), await there('doctor')]
  const said = (await there('enqueue', 'greetings', '{"name": "Bob"}')).out
  const another = JSON.parse((await there('enqueue', 'greetings', '{"name": "Bob"}', '--json')).text)
  await until(async () => JSON.parse((await there('job', String(another.job), '--json')).text).job.status === 'success')
  const { out } = await first.stop()
  const gone = await there('status')

  expect(job).toMatchObject({ payload: { name: 'Ada' }, result: { greeting: 'Hello Ada' } })
  expect(env).toEqual({ mine: 'of mine' })
  // Other commands find it without being told where.
  expect(JSON.parse(status.text)).toMatchObject([{ queue: 'greetings', calls: 'greet' }])
  expect(`${doctor.code} ${doctor.code === 0 ? '' : doctor.text}`).toBe('0 ')
  expect(gone).toMatchObject({ code: 2, text: expect.stringContaining('has no supabase/config.toml') })
  expect(said).toMatch(/Its story: pnpm supaqueue job --local \d+$/)
  // As on the platform: theirs, and none of a clone's examples.
  expect(out).toMatch(/^ +Functions +\S+ +\(env, greet, supaqueue;/m)
  expect(absent).toEqual([404, 404, 404])
  expect(out).toMatch(/migrations: 3 of 3 applied\nseeds: supabase\/seeds\/one\.sql, supabase\/supaqueue\.seed\.sql/)

  put('supabase/migrations/29990101000000_later.sql', 'alter table public.profile add column age integer;')
  const second = await dev()
  await second.runs()
  const kept = await ask(second.printed, 'select name, age from public.profile')
  await second.stop()

  expect(kept).toEqual([{ name: 'Ada Lovelace', age: null }])
  expect(second.printed.out).toContain('migrations: 1 of 4 applied')
  expect(second.printed.out).not.toContain('seeds:')
})

test('names the line of what does not apply, and goes on behind it when told to', async () => {
  put(
    'supabase/migrations/29990202000000_places.sql',
    'create extension postgis;\ncreate table public.place (at geometry(point));',
  )

  const refused = await (await dev('--reset')).ended
  const skipped = await dev('--skip-failing')
  await skipped.runs()
  await skipped.stop()

  expect(refused.code).toBe(2)
  expect(refused.out).toMatch(
    /^SQ422: supabase\/migrations\/29990202000000_places\.sql:2 does not apply: .*geometry.*\(there is no postgis here\)\nWhat to do: .*--skip-failing/m,
  )
  expect(skipped.printed.out).toMatch(/^SKIPPED: supabase\/migrations\/29990202000000_places\.sql:2/m)
  rmSync(join(folder, 'supabase/migrations/29990202000000_places.sql'))
})

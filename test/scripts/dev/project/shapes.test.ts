import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Client } from '../../../../scripts/cli/connection/client.ts'
import { readConfig } from '../../../../scripts/cli/project/config_toml.ts'
import { type Postgres, startPostgres } from '../../../../scripts/dev/postgres.ts'
import { applyProject } from '../../../../scripts/dev/project/apply.ts'
import { installStandIns } from '../../../../scripts/dev/standins/standins.ts'

// What migrations and seeds of public projects have, each shape in a few lines of our own: it applies here as on the platform, or is
// named. The cluster is this file's alone, for roles are not of one database.

let postgres: Postgres
let folder: string
let database: string
let count = 0
beforeAll(async () => void (postgres = await startPostgres()))
afterAll(() => postgres?.close())
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'shape-'))
  database = `shape_${++count}`
  await postgres.createDatabase(database)
  await installStandIns(postgres.urlFor('admin', database))
})
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true })
  await postgres.dropDatabase(database)
})

const put = (path: string, text: string) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}

/** Applies the project, and answers with what was said. */
async function apply({ config = '', skipFailing = false } = {}): Promise<string[]> {
  const said: string[] = []
  await applyProject({
    folder,
    config: readConfig(config),
    adminUrl: postgres.urlFor('admin', database),
    ownerUrl: postgres.urlFor('owner', database),
    skipFailing,
    say: (line) => void said.push(line),
  })
  return said
}

async function ask(sql: string, role?: string, path?: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: postgres.urlFor('owner', database) })
  await client.connect()
  try {
    if (role) await client.query(`set role ${role}`)
    if (path) await client.query(`set search_path = ${path}`)
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

const migration = (text: string) => put('supabase/migrations/20250101000000_shape.sql', text)

const shapes: [string, string][] = [
  [
    'roles of its own, and settings of those of the platform',
    `create role reporter nologin;
     grant reporter to authenticator, postgres;
     grant usage on schema public to reporter;
     alter role authenticated set statement_timeout = '15s';
     alter default privileges in schema public grant all on tables to postgres, anon, authenticated, service_role;
     alter default privileges for role postgres in schema public grant select on tables to reporter;
     revoke execute on all functions in schema public from public, anon, authenticated;
     create table public.report (id bigint generated always as identity primary key);
     select set_config('role', 'reporter', true)`,
  ],
  [
    'policies and buckets of storage',
    `insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
       values ('avatars', 'avatars', true, 1048576, '{image/png}') on conflict (id) do nothing;
     create policy "Anyone can look" on storage.objects for select using (bucket_id = 'avatars');
     create policy "Own folder" on storage.objects for insert to authenticated
       with check (bucket_id = 'avatars' and (storage.foldername(name))[1] = (select auth.uid())::text);
     create policy "Owner" on storage.objects for update to authenticated using (owner = auth.uid() and storage.extension(name) = 'png');
     drop policy if exists "Owner" on storage.objects;
     create function public.on_upload() returns trigger language plpgsql security definer set search_path = '' as
       $$ begin return new; end $$;
     create trigger on_upload after insert on storage.objects for each row execute function public.on_upload();`,
  ],
  [
    'triggers of sign-up, and hooks of auth',
    `create table public.profile (id uuid references auth.users on delete cascade primary key, email text);
     create function public.handle_new_user() returns trigger language plpgsql security definer set search_path = '' as
       $$ begin insert into public.profile (id, email) values (new.id, new.email); return new; end $$;
     create trigger on_auth_user_created after insert on auth.users for each row execute procedure public.handle_new_user();
     drop trigger if exists on_auth_user_updated on auth.users;
     create function public.custom_access_token_hook(event jsonb) returns jsonb language plpgsql as $$ begin return event; end $$;
     grant usage on schema public to supabase_auth_admin;
     grant execute on function public.custom_access_token_hook to supabase_auth_admin;
     revoke execute on function public.custom_access_token_hook from authenticated, anon, public;
     grant all on table public.profile to supabase_auth_admin;
     create policy hook on public.profile as permissive for select to supabase_auth_admin using (true);
     insert into auth.users (id, email) values ('00000000-0000-0000-0000-000000000001', 'ada@example.com')`,
  ],
  [
    'publications of Realtime, made anew as the starters do, and its policies',
    `create table public.message (id bigint primary key, body text);
     begin;
       drop publication if exists supabase_realtime;
       create publication supabase_realtime;
     commit;
     alter publication supabase_realtime add table public.message;
     alter table public.message replica identity full;
     create policy read on realtime.messages for select to authenticated using (realtime.topic() like 'room:%');
     create function public.tell() returns trigger language plpgsql security definer as $$ begin
       perform realtime.broadcast_changes('room:1', tg_op, tg_op, tg_table_name, tg_table_schema, new, old);
       perform realtime.send('{}', 'event', 'room:1', false);
       return null; end $$;
     create trigger tell after insert on public.message for each row execute function public.tell();
     insert into public.message values (1, 'hello')`,
  ],
  [
    'webhooks of the database, as the dashboard writes them',
    `create table public.order_placed (id bigint primary key);
     create trigger "tell" after insert on public.order_placed for each row execute function
       supabase_functions.http_request('http://host.docker.internal:54321/functions/v1/tell', 'POST', '{"Content-type":"application/json"}', '{}', '1000');
     create function public.post() returns bigint language sql as
       $$ select net.http_post(url := 'http://api.supabase.internal:8000/functions/v1/tell', body := '{}'::jsonb) $$;
     insert into public.order_placed values (1)`,
  ],
  [
    'extensions of the platform, by any way to write them',
    `create extension if not exists "pg_net" with schema "extensions";
     create extension if not exists "pgsodium" with schema "pgsodium";
     create extension if not exists "pg_graphql" with schema "graphql";
     create extension if not exists "pg_stat_statements" with schema "extensions";
     create extension if not exists "pgcrypto" with schema "extensions";
     create extension if not exists "pgjwt" with schema "extensions";
     create extension if not exists "supabase_vault" with schema "vault";
     create extension if not exists "uuid-ossp" with schema "extensions";
     create extension if not exists moddatetime schema extensions;
     create extension if not exists citext; create extension if not exists pg_trgm with schema extensions;
     CREATE EXTENSION IF NOT EXISTS pg_cron WITH SCHEMA pg_catalog CASCADE;
     grant usage on schema cron to postgres;
     create table public.note (id uuid default extensions.uuid_generate_v4() primary key, updated_at timestamptz, tag extensions.citext);
     create trigger touch before update on public.note for each row execute procedure extensions.moddatetime(updated_at);
     select cron.schedule('nightly', '0 3 * * *', 'select 1');
     select vault.create_secret('s3cr3t', 'name_of_it')`,
  ],
  [
    'a baseline of pg_dump',
    `\\restrict aBcD
     SET statement_timeout = 0; SET lock_timeout = 0; SET client_encoding = 'UTF8'; SET standard_conforming_strings = on;
     SELECT pg_catalog.set_config('search_path', '', false);
     SET check_function_bodies = false; SET xmloption = content; SET client_min_messages = warning; SET row_security = off;
     CREATE EXTENSION IF NOT EXISTS "pgsodium";
     COMMENT ON SCHEMA "public" IS 'standard public schema';
     CREATE EXTENSION IF NOT EXISTS "pg_graphql" WITH SCHEMA "graphql";
     SET default_tablespace = ''; SET default_table_access_method = "heap";
     CREATE TYPE "public"."state" AS ENUM ('on', 'off');
     CREATE OR REPLACE FUNCTION "public"."later"() RETURNS "public"."kind" LANGUAGE "sql" AS $$ select * from public.kind $$;
     CREATE TABLE IF NOT EXISTS "public"."kind" ("id" bigint NOT NULL);
     ALTER TABLE "public"."kind" OWNER TO "postgres";
     ALTER PUBLICATION "supabase_realtime" OWNER TO "postgres";
     ALTER PUBLICATION "supabase_realtime" ADD TABLE ONLY "public"."kind";
     GRANT USAGE ON SCHEMA "public" TO "postgres", "anon", "authenticated", "service_role";
     ALTER DEFAULT PRIVILEGES FOR ROLE "postgres" IN SCHEMA "public" GRANT ALL ON SEQUENCES TO "postgres";
     RESET ALL;
     \\unrestrict aBcD`.replace('RETURNS "public"."kind"', 'RETURNS bigint').replace('select * from', 'select id from'),
  ],
  [
    'event triggers, and a session that is a replica',
    `create function public.enable_rls() returns event_trigger language plpgsql security definer as $$ begin null; end $$;
     create event trigger ensure_rls on ddl_command_end when tag in ('CREATE TABLE') execute function public.enable_rls();
     set session_replication_role = replica;
     create table public.later (id bigint);
     set session_replication_role = origin;
     drop event trigger ensure_rls`,
  ],
]

describe('a migration applies that has', () => {
  test.for(shapes)('%s', async ([, text]) => {
    migration(text)

    expect(await apply()).toEqual(['migrations: 1 of 1 applied'])
    // A second start finds it applied.
    expect(await apply()).toEqual([])
  })
})

test('a sign-up runs the trigger of the project in the name of auth', async () => {
  migration(shapes.find(([name]) => name.startsWith('triggers of sign-up'))![1])
  await apply()

  await ask(`insert into auth.users (email) values ('eve@example.com')`, 'supabase_auth_admin')

  expect(await ask('select email from public.profile order by email')).toEqual([
    { email: 'ada@example.com' },
    { email: 'eve@example.com' },
  ])
})

test('a webhook of the database is a request to pg_net, and so is what a function posts', async () => {
  migration(shapes.find(([name]) => name.startsWith('webhooks'))![1])
  await apply()

  const asked = await ask(`select method, url, convert_from(body, 'utf8')::jsonb as body from net.http_request_queue`)

  expect(asked).toEqual([{
    method: 'POST',
    url: 'http://host.docker.internal:54321/functions/v1/tell',
    body: { type: 'INSERT', table: 'order_placed', schema: 'public', record: { id: 1 }, old_record: null },
  }])
})

describe('a seed', () => {
  const people =
    `insert into auth.users (instance_id, id, aud, role, email, encrypted_password, email_confirmed_at, recovery_sent_at,
      last_sign_in_at, raw_app_meta_data, raw_user_meta_data, created_at, updated_at, confirmation_sent_at, confirmation_token,
      email_change, email_change_token_new, recovery_token)
    values ('00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000002', 'authenticated', 'authenticated',
      'ada@example.com', extensions.crypt('password123', extensions.gen_salt('bf')), now(), now(), now(),
      '{"provider":"email","providers":["email"]}', '{}', now(), now(), now(), '', '', '', '');
    insert into auth.identities (id, user_id, provider_id, identity_data, provider, last_sign_in_at, created_at, updated_at)
    values (gen_random_uuid(), '00000000-0000-0000-0000-000000000002', '00000000-0000-0000-0000-000000000002',
      '{"sub":"00000000-0000-0000-0000-000000000002","email":"ada@example.com"}', 'email', now(), now(), now());`
  const users = async () => (await ask('select email from auth.users')).map(({ email }) => email)

  test.for([
    ['where nothing is said', '', 'supabase/seed.sql'],
    ['that the configuration names', '[db.seed]\nsql_paths = ["./seeds/one.sql"]\n', 'supabase/seeds/one.sql'],
    ['that a pattern finds', '[db.seed]\nenabled = true\nsql_paths = ["./seeds/**/*.sql"]\n', 'supabase/seeds/a/b.sql'],
  ])('%s puts its people in', async ([, config = '', path = '']) => {
    put(path, people)

    expect(await apply({ config })).toEqual([`seeds: ${path}`])
    expect(await users()).toEqual(['ada@example.com'])
  })

  test('that is switched off stays out', async () => {
    put('supabase/seed.sql', people)

    expect(await apply({ config: '[db.seed]\nenabled = false\n' })).toEqual([])
    expect(await users()).toEqual([])
  })
})

describe('a configuration is read', () => {
  test.for([
    [
      'of 2023',
      '[api]\nport = 54321\nschemas = ["public", "storage", "graphql_public"]\n[db]\nmajor_version = 15\n[studio]\nport = 54323\n[inbucket]\nport = 54324\nsmtp_port = 54325\n[analytics]\nenabled = false\nvector_port = 54328\ngcp_project_id = ""\n',
    ],
    [
      'of 2024',
      '[api]\nenabled = true\n[db.pooler]\nenabled = false\n[realtime]\nenabled = true\n[auth.mfa]\nmax_enrolled_factors = 10\n[functions.hello]\nverify_jwt = false\n[edge_runtime]\npolicy = "per_worker"\n',
    ],
    [
      'of 2025',
      '[db.migrations]\nschema_paths = ["./schemas/*.sql"]\n[db.seed]\nsql_paths = ["./seed.sql"]\n[edge_runtime]\ndeno_version = 2\n[functions.hello]\nimport_map = "./functions/hello/deno.json"\nentrypoint = "./functions/hello/index.ts"\n',
    ],
    [
      'with remotes',
      '[remotes.staging]\nproject_id = "abcdefghijklmnopqrst"\n[remotes.staging.db.seed]\nenabled = false\n[remotes.staging.api]\nschemas = ["public"]\n',
    ],
  ])('%s', async ([, config = '']) => {
    migration('create table public.t (id bigint)')
    put('supabase/schemas/t.sql', 'create table public.t (id bigint);')

    // Declarative schemas are what migrations are made of, and are not applied beside them.
    expect(await apply({ config })).toEqual(['migrations: 1 of 1 applied'])
  })
})

test('what is there before a project comes need not be made: uuid-ossp, pgcrypto', async () => {
  migration(
    `create table public.t (id uuid default extensions.uuid_generate_v4(), key bytea default extensions.gen_random_bytes(8));
    insert into public.t default values;`,
  )
  await apply()

  expect(await ask('select id is not null and octet_length(key) = 8 as made from public.t')).toEqual([{ made: true }])
})

describe('pgvector, by its stand-in', () => {
  const NEAREST = `
    create function public.nearest(wanted extensions.vector(3), most integer) returns table (id bigint, similarity float)
    language sql stable set search_path = '' as $$
      select chunk.id, 1 - (chunk.e operator(extensions.<=>) wanted) from public.chunk
      order by chunk.e operator(extensions.<=>) wanted limit most
    $$;`

  beforeEach(async () => {
    migration(`
      create extension if not exists vector with schema extensions;
      set search_path = public, extensions;
      create table public.chunk (id bigint generated always as identity primary key, e vector(3), h halfvec(3), wide vector(1536));
      create index on public.chunk using hnsw (e vector_cosine_ops) with (m = 16, ef_construction = 64);
      create index on public.chunk using hnsw (h halfvec_l2_ops);
      create index on public.chunk using ivfflat (wide) with (lists = 100);${NEAREST}`)
    await apply()
    await ask(
      `insert into public.chunk (e, h) values ('[1,0,0]', '[1,2,3]'), ('[0.9, 0.1, 0]', '[1,2,4]'), ('[0,1,0]', '[7,2,3]')`,
    )
  })

  test('a search finds what is nearest', async () => {
    const found = await ask(
      `select id::integer, round(similarity::numeric, 3)::float as similarity from public.nearest('[1,0,0]', 2)`,
    )

    expect(found).toEqual([{ id: 1, similarity: 1 }, { id: 2, similarity: 0.994 }])
  })

  test('distances and casts are those of pgvector', async () => {
    const values: [expression: string, value: unknown][] = [
      [`'[1,2,3]'::vector <-> '[1,2,5]'`, 2],
      [`'[1,2,3]'::vector <+> '[0,0,0]'`, 6],
      [`'[1,2,3]'::vector <#> '[1,1,1]'`, -6],
      [`'[1,0]'::vector <=> '[0,1]'`, 1],
      [`'[1,2,3]'::halfvec <-> array[1,2,5]::real[]::halfvec`, 2],
      [`cosine_distance('[0,0]'::vector, '[0,1]')`, NaN],
      [`vector_dims('[1,2,3]'::vector)`, 3],
      [`l2_norm('[3,4]'::vector)`, 5],
      [`(array[1,2]::integer[]::vector)::real[] = array[1,2]::real[]`, true],
      [`('[1,2]'::vector::halfvec)::text`, '[1,2]'],
      [`(select count(distinct e)::integer from (values ('[1]'::vector), ('[1]')) as v (e))`, 1],
    ]
    const columns = values.map(([expression], i) => `${expression} as v${i}`).join(', ')

    const [row] = await ask(`select ${columns}`, undefined, 'public, extensions')

    expect(Object.values(row!)).toEqual(values.map(([, value]) => value))
  })

  test('another number of dimensions is refused, as by pgvector', async () => {
    await expect(ask(`insert into public.chunk (e) values ('[1,2]')`)).rejects.toMatchObject({
      code: '22000',
      message: 'expected 3 dimensions, not 2',
    })
    await expect(ask(`select * from public.nearest('[1,2,3,4]'::extensions.vector, 1)`)).rejects.toMatchObject({
      code: '22000',
      message: 'different vector dimensions 3 and 4',
    })
  })

  test('an embedding of the usual size fits, in its indexes, too', async () => {
    await ask(
      `update public.chunk set wide = array(select random()::real from generate_series(1, 1536))::extensions.vector`,
    )

    expect(await ask('select count(*)::integer as many from public.chunk where extensions.vector_dims(wide) = 1536'))
      .toEqual([{ many: 3 }])
  })

  test('a further migration may ask for it again', async () => {
    put(
      'supabase/migrations/20250101000001_again.sql',
      'create extension if not exists vector;\ncreate table public.more (e extensions.vector(2));',
    )

    expect(await apply()).toEqual(['migrations: 1 of 2 applied'])
    // Once, as an extension is.
    expect(await ask(`select typnamespace::regnamespace::text as schema from pg_type where typname = 'vector'`))
      .toEqual([{ schema: 'extensions' }])
  })
})

test('what a project has in its schema does not run as a superuser when it asks for pgvector', async () => {
  const spies = [
    ['to_regtype(text)', 'regtype', 'to_regtype($1)'],
    ['quote_ident(text)', 'text', 'quote_ident($1)'],
    ['replace(text, text, text)', 'text', 'replace($1, $2, $3)'],
  ]
  migration(`
    create table public.ran (role text, is_superuser boolean);
    grant all on public.ran to public;
    ${
    spies.map(([spy, type, value]) => `
    create function public.${spy} returns ${type} language plpgsql as $$
    begin
      insert into public.ran select current_user, rolsuper from pg_catalog.pg_roles where rolname = current_user;
      return pg_catalog.${value};
    end $$;`).join('')
  }`)
  put(
    'supabase/migrations/20250101000001_vectors.sql',
    'create extension vector;\ncreate table public.v (e vector(3));',
  )

  await apply()

  expect(await ask('select distinct role from public.ran where is_superuser')).toEqual([])
})

describe('what does not apply', () => {
  test('is named with its line and the extension that is not here, and stepped over on request', async () => {
    migration(
      'create extension postgis with schema extensions;\ncreate table public.t (id bigint);\ncreate table public.v (e extensions.geometry(point));',
    )
    put('supabase/migrations/20250101000001_more.sql', 'create table public.more (id bigint);')
    put('supabase/migrations/20250101000002_later.sql', 'create table public.later (e extensions.geometry(point));')

    await expect(apply()).rejects.toMatchObject({
      code: 'SQ422',
      message: expect.stringMatching(/^supabase\/migrations\/20250101000000_shape\.sql:3 .*there is no postgis here/),
      hint: expect.stringContaining('--skip-failing'),
    })
    const said = await apply({ skipFailing: true })

    expect(said[0]).toMatch(/^SKIPPED: supabase\/migrations\/20250101000000_shape\.sql:3/)
    expect(said[1]).toMatch(/^SKIPPED: .*_later\.sql:1 .*there is no postgis here/)
    // All of it, or nothing: a file is one transaction.
    expect(await ask(`select relname from pg_class where relnamespace = 'public'::regnamespace`)).toEqual([{
      relname: 'more',
    }])
  })
})

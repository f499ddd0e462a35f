import type pg from 'pg'
import type { Hosted } from './hosted.ts'

/** What a user had in the project before supaqueue came. */
export async function furnish({ state, db }: Hosted): Promise<void> {
  state.schemas = 'public, graphql_public, api'
  state.secrets.set('OPENAI_API_KEY', 'of-the-user')
  state.functions.set('hello', {
    id: '5b4c4b54-0000-4000-8000-000000000000',
    slug: 'hello',
    name: 'hello',
    status: 'ACTIVE',
    version: 7,
    created_at: 1,
    updated_at: 2,
    verify_jwt: true,
    import_map: false,
    entrypoint_path: 'index.ts',
  })
  await db.query(`
    create schema api;
    create table public.invoice (id bigint primary key, note text);
    insert into public.invoice values (1, 'of the user');
    create view api.invoice as select id from public.invoice;
    create schema supabase_migrations;
    create table supabase_migrations.schema_migrations (version text primary key, statements text[], name text);
    insert into supabase_migrations.schema_migrations values ('20260101000000', '{}', 'of_the_user');
    select cron.schedule('nightly', '0 3 * * *', 'select 1');
    select vault.create_secret('of-the-user', 'stripe_key');`)
}

/** What of it can be seen. */
export async function belongings({ state, db }: Hosted): Promise<unknown> {
  return {
    schemas: state.schemas.split(',').map((schema) => schema.trim()),
    secrets: [...state.secrets],
    functions: [...state.functions.values()],
    invoices: await rows(db, 'select * from public.invoice'),
    migrations: await rows(db, 'select * from supabase_migrations.schema_migrations'),
    cron: await rows(db, 'select jobname, schedule, command, active from cron.job'),
    vault: await rows(db, 'select name, decrypted_secret from vault.decrypted_secrets'),
  }
}

const rows = async (db: pg.Client, sql: string) => (await db.query(sql)).rows

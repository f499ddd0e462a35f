import { describe, expect, test } from 'vitest'
import { adapt } from '../../../../scripts/dev/project/adapt.ts'

const available = ['plpgsql', 'pgcrypto', 'uuid-ossp', 'moddatetime']
const nothing = 'create extension if not exists plpgsql'

describe('adapt', () => {
  test.each([
    ['create extension if not exists pg_net;', `${nothing};`],
    ['CREATE EXTENSION "pg_cron" WITH SCHEMA pg_catalog;', `${nothing};`],
    ['create extension pgmq', nothing],
    [
      'create extension pgcrypto with schema extensions;',
      'create extension if not exists pgcrypto with schema extensions;',
    ],
    ['create extension if not exists "uuid-ossp";', 'create extension if not exists "uuid-ossp";'],
    [`COMMENT ON EXTENSION "pg_graphql" IS 'GraphQL';`, `${nothing};`],
    ['drop extension if exists pg_net;', `${nothing};`],
    [`comment on extension pgcrypto is 'ours';`, `comment on extension pgcrypto is 'ours';`],
    ['do $$ begin create extension pg_net; end $$;', `do $$ begin ${nothing}; end $$;`],
    ['\\restrict abc\nselect 1;', '\nselect 1;'],
  ])('makes of %j what the server here can do', (given, made) => {
    expect(adapt(given, available).sql).toBe(made)
  })

  test.each([
    `select 'Enable it: create extension pg_net;' as hint;`,
    `raise exception using hint = 'Move it (alter extension pg_net set schema extensions), then push again.';`,
    '-- to be done by hand: create extension pg_net;',
    'select 1;',
  ])('leaves %j as it is', (text) => {
    expect(adapt(text, available).sql).toBe(text)
  })

  test('names what a superuser has to make, and what cannot be had', () => {
    expect(adapt('create extension moddatetime; create extension postgis; create extension pg_net;', available))
      .toEqual({ sql: expect.any(String), wanted: ['moddatetime'], missing: ['postgis'] })
  })

  test.each([
    [
      'create extension if not exists vector with schema extensions;',
      `call supabase_migrations.pgvector('extensions');`,
    ],
    ['create extension "vector" with schema "public" version \'0.8\';', `call supabase_migrations.pgvector('public');`],
    ['create extension vector;', 'call supabase_migrations.pgvector();'],
    ['do $$ begin create extension vector; end $$;', 'do $$ begin call supabase_migrations.pgvector(); end $$;'],
  ])('makes of %j the stand-in of pgvector, where the server has none', (text, made) => {
    expect(adapt(text, available).sql).toBe(made)
    expect(adapt(text, [...available, 'vector']).sql).toMatch(/create extension if not exists "?vector/)
  })

  test.each([
    [
      'create index on t using hnsw (e vector_l2_ops) with (m = 16, ef_construction = 64);',
      'create index on t using hnsw (e vector_l2_ops);',
    ],
    [
      'CREATE INDEX i ON t USING ivfflat ((e::halfvec(3)) halfvec_cosine_ops) WITH (lists=100) where id > (1);',
      'CREATE INDEX i ON t USING ivfflat ((e::halfvec(3)) halfvec_cosine_ops) where id > (1);',
    ],
    [
      'create index on t using btree (e) with (fillfactor = 70);',
      'create index on t using btree (e) with (fillfactor = 70);',
    ],
  ])('takes from %j what only an index of pgvector has', (text, made) => {
    expect(adapt(text, available).sql).toBe(made)
    expect(adapt(text, [...available, 'vector']).sql).toBe(text)
  })
})

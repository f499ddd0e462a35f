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
    expect(adapt('create extension moddatetime; create extension vector; create extension pg_net;', available))
      .toMatchObject({ wanted: ['moddatetime'], missing: ['vector'] })
  })
})

import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'

const bytesOver = `select supaqueue_internal.bytes_over($1::jsonb, $2) as said`

describe('bytes_over', () => {
  test.for<[string, string | null, number, string | RegExp | null]>([
    ['what fits', '"1234"', 6, null],
    ['what is a byte too large', '"1234"', 5, '6'],
    ['what is far too large', JSON.stringify('x'.repeat(100_000)), 1000, /^at least \d+$/],
    ['numbers that take much more as text', `[${Array(20_000).fill('1e308').join(',')}]`, 65_536, /^at least \d+$/],
    ['nothing', null, 0, null],
  ])('of %s', async ([, json, most, said], { harness }) => {
    const { rows: [row] } = await harness.db.query(bytesOver, [json, most])

    if (said instanceof RegExp) expect(row.said).toMatch(said)
    else expect(row.said).toBe(said)
  })
})

test('a job with a payload of many numbers has them looked through once', async ({ ownDatabase }) => {
  const owner = await ownDatabase.connect('owner')
  await owner.query(`select supaqueue.create_queue('q', 'f')`)
  const json = JSON.stringify(Array(1000).fill(1))
  const looks = async (statement: string) => {
    await owner.query(
      `create or replace function supaqueue_internal.json_fault(value jsonb) returns text language plpgsql as
      $$ begin perform nextval('public.looks'); return null; end $$`,
    )
    await owner.query('drop sequence if exists public.looks; create sequence public.looks')
    await owner.query(statement, [json])
    return (await owner.query(`select case when is_called then last_value else 0 end::integer as it from public.looks`))
      .rows[0].it
  }

  // Beside the path that check_inserted_job has in place of a call.
  expect([
    await looks(
      `insert into supaqueue.job (queue, payload) select id, $1::jsonb from supaqueue.queue where name = 'q'`,
    ),
    await looks(`select supaqueue.enqueue('q', $1::jsonb)`),
    await looks(`select supaqueue.enqueue_many('q', jsonb_build_array(jsonb_build_object('payload', $1::jsonb)))`),
  ]).toEqual([0, 1, 1])
})

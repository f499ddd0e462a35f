import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'

describe('net_fault', () => {
  test('finds nothing wrong with pg_net as it comes', async ({ harness }) => {
    for (const isolation of ['read committed', 'repeatable read', 'serializable']) {
      const { rows } = await harness.transaction(
        () => harness.db.query('select supaqueue_internal.net_fault() as fault'),
        isolation,
      )
      expect(rows).toEqual([{ fault: null }])
    }
  })

  test('names a trigger, what it runs, and whose that is', async ({ ownDatabase }) => {
    const admin = await ownDatabase.connect('admin')
    await admin.query(`create function public.peek() returns trigger language plpgsql as $$ begin return new; end $$;
      alter function public.peek() owner to service_role;
      create trigger zz after insert on net.http_request_queue for each row execute function public.peek()`)

    const { rows } = await admin.query('select supaqueue_internal.net_fault() as fault')

    expect(rows[0].fault).toBe(
      'the trigger zz on net.http_request_queue runs public.peek() of service_role with the rights of whoever enqueues',
    )
  })
})

import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'

describe('at one commit', () => {
  test('a queue that was answered is answered again for a job that a later deferred trigger made ready', async ({ harness, another }) => {
    const queue = await harness.queue({ workers: 1 })
    const held = await harness.job(queue, { status: 'held' })
    const name = `late_${randomUUID().replaceAll('-', '')}`
    const admin = await another('admin')
    await admin.db.query(`
      create table public.${name} (job bigint);
      grant insert on public.${name} to service_role;
      create function public.${name}() returns trigger language plpgsql as
        'begin update supaqueue.job set status = ''pending'' where id = new.job; return null; end';
      create constraint trigger later after insert on public.${name} deferrable initially deferred
        for each row execute function public.${name}()`)

    await harness.transaction(async () => {
      await harness.job(queue, { due: '1 hour' })
      await harness.db.query(`insert into public.${name} values ($1)`, [held])
    })

    expect(await harness.inProgress(queue)).toEqual([held])
    await admin.db.query(`drop table public.${name}; drop function public.${name}()`)
  })

  test('a queue is answered once, though other queues were signaled in between', async ({ harness }) => {
    const [queue, other] = [await harness.queue(), await harness.queue()]

    // Outside of read committed every look wakes a run, so that wake-ups can be counted as answers.
    await harness.transaction(async () => {
      for (let i = 0; i < 3; i++) {
        await harness.job(queue)
        await harness.job(other)
      }
    }, 'repeatable read')

    expect(await harness.wakeUps(queue)).toBe(1)
    expect(await harness.wakeUps(other)).toBe(1)
  })

  test('what became ready after constraints were set immediate is answered, too', async ({ harness }) => {
    const queue = await harness.queue({ workers: 2 })

    await harness.transaction(async () => {
      const first = await harness.job(queue)
      await harness.db.query('set constraints all immediate')
      expect(await harness.inProgress(queue)).toEqual([first])
      await harness.db.query('set constraints all deferred')
      await harness.age('heartbeat', queue)
      await harness.job(queue)
    })

    expect(await harness.inProgress(queue)).toHaveLength(2)
  })

  /** What one statement over so many queues costs at its commit, per queue: calls of functions, pages, bytes that are copied; and its locks. */
  const costs = async (harness: Harness, queues: number) => {
    const name = `many ${queues} `
    await harness.db.query(
      `insert into supaqueue.queue (name, edge_function_name, paused) select $1 || i, 'hello', true from generate_series(1, $2) i`,
      [name, queues],
    )
    await harness.begin()
    await harness.db.query(
      `insert into supaqueue.job (queue) select id from supaqueue.queue where starts_with(name, $1)`,
      [
        name,
      ],
    )
    const counted = async () =>
      (await harness.db.query(
        `select
           (select sum(calls)::integer from pg_stat_xact_user_functions) as calls,
           (select sum(pg_stat_get_xact_blocks_fetched(oid))::integer from pg_class) as pages,
           (select count(*)::integer from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()) as locks`,
      )).rows[0]
    await counted()
    const before = await counted()
    await harness.db.query('set constraints all immediate')
    const after = await counted()
    // Each queue has what is remembered copied for it, as far as that has grown.
    const { rows: [{ bytes }] } = await harness.db.query(
      `select sum(length(noted)::bigint * length(noted) / 37)::integer as bytes
       from generate_series(0, 255) as shelf
       cross join lateral (select current_setting('supaqueue.seen_' || shelf, true) as noted) as kept`,
    )
    await harness.rollback()
    return {
      calls: (after.calls - before.calls) / queues,
      pages: (after.pages - before.pages) / queues,
      bytes: bytes / queues,
      locks: after.locks,
    }
  }

  test('what a queue costs does not grow with the number of queues, and the table of locks is not filled', async ({ another }) => {
    const admin = await another('admin')
    await admin.db.query(`set track_functions = 'all'`)

    await costs(admin, 50)
    const few = await costs(admin, 200)
    const many = await costs(admin, 1600)

    expect(many.calls).toBeGreaterThan(1)
    expect(many.calls).toBeLessThan(few.calls * 3)
    expect(many.pages).toBeLessThan(few.pages * 3)
    expect(many.bytes).toBeLessThan(2000)
    expect(few.locks).toBeGreaterThan(150)
    expect(many.locks).toBeLessThanOrEqual(1024)
  })

  test('of queues beyond a thousand each has a run woken for it, unless it is paused', async ({ harness }) => {
    // Those that are remembered in one place, so that twelve do for three thousand.
    const { rows: queues } = await harness.db.query(
      `insert into supaqueue.queue (id, name, edge_function_name, paused)
       select id, 'each ' || place, 'hello', place > 20
       from (
         select id, row_number() over () as place
         from (select gen_random_uuid() as id from generate_series(1, 10000)) as drawn
         where uuid_hash(id) & 255 = 7
         limit 24
       ) as alike
       returning id, paused`,
    )
    await harness.db.query(
      `insert into supaqueue.worker (queue) select id from supaqueue.queue where name like 'each %'`,
    )

    await harness.transaction(async () => {
      await harness.db.query(
        `insert into supaqueue.job (queue) select id from supaqueue.queue where name like 'each %'`,
      )
      await harness.db.query('set constraints all immediate')
      const { rows } = await harness.db.query(
        `select count(*)::integer as locks from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()`,
      )
      expect(rows[0].locks).toBeLessThan(6)
    })

    expect(queues).toHaveLength(24)
    for (const { id, paused } of queues) expect(await harness.wakeUps(id)).toBe(paused ? 0 : 1)
  })
})

describe('a queue without workers', () => {
  const heard = async (harness: Harness, work: () => Promise<unknown>) => {
    const notices: { message?: string; hint?: string }[] = []
    const listen = ({ message, hint }: { message?: string; hint?: string }) => void notices.push({ message, hint })
    harness.db.on('notice', listen)
    try {
      await work()
    } finally {
      harness.db.off('notice', listen)
    }
    return notices
  }

  test('is told of once for a statement of many jobs, with what to do', async ({ harness }) => {
    const queue = await harness.queue({ name: "Ada's mail" })

    const notices = await heard(harness, () => harness.jobs(queue, 50))

    expect(notices).toEqual([{
      message: "queue 'Ada''s mail' has no workers: its jobs wait",
      hint: "For one call at a time: select supaqueue.set_concurrency('Ada''s mail', 1);",
    }])
    await harness.db.query(notices[0]!.hint!.replace(/^.*?: /, ''))
    expect(await heard(harness, () => harness.job(queue))).toEqual([])
  })

  test('is told of each time, also while a run is expected, and for a job that is due later', async ({ harness }) => {
    const queue = await harness.queue()

    for (const due of ['0 seconds', '0 seconds', '1 hour']) {
      expect(await heard(harness, () => harness.job(queue, { due }))).toHaveLength(1)
    }
  })

  test('is not asked about while a run is awake: the look at the heartbeat is all that an enqueue costs', async ({ harness }) => {
    const queue = await harness.queue()
    await harness.turn(randomUUID(), queue)

    expect(await heard(harness, () => harness.job(queue))).toEqual([])
    await harness.age('heartbeat', queue)
    expect(await heard(harness, () => harness.job(queue))).toHaveLength(1)
  })

  test('is not told of when its workers come with the same transaction, nor for what is held', async ({ harness }) => {
    const queue = await harness.queue()

    expect(await heard(harness, () => harness.job(queue, { status: 'held' }))).toEqual([])
    const notices = await heard(harness, () =>
      harness.transaction(async () => {
        await harness.job(queue)
        await harness.db.query('insert into supaqueue.worker (queue) values ($1)', [queue])
      }))
    expect(notices).toEqual([])
  })
})

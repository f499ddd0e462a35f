import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type House, test } from '../../../support/house.ts'

describe('at one commit', () => {
  test('a queue that was answered is answered again for a job that a later deferred trigger made ready', async ({ house, another }) => {
    const queue = await house.queue({ workers: 1 })
    const held = await house.job(queue, { status: 'held' })
    const name = `late_${randomUUID().replaceAll('-', '')}`
    const admin = await another('admin')
    await admin.db.query(`
      create table public.${name} (job bigint);
      grant insert on public.${name} to service_role;
      create function public.${name}() returns trigger language plpgsql as
        'begin update supaqueue.job set status = ''pending'' where id = new.job; return null; end';
      create constraint trigger later after insert on public.${name} deferrable initially deferred
        for each row execute function public.${name}()`)

    await house.transaction(async () => {
      await house.job(queue, { due: '1 hour' })
      await house.db.query(`insert into public.${name} values ($1)`, [held])
    })

    expect(await house.inProgress(queue)).toEqual([held])
    await admin.db.query(`drop table public.${name}; drop function public.${name}()`)
  })

  test('a queue is answered once, though other queues were signaled in between', async ({ house }) => {
    const [queue, other] = [await house.queue(), await house.queue()]

    // Outside of read committed every look wakes a run, so that wake-ups can be counted as answers.
    await house.transaction(async () => {
      for (let i = 0; i < 3; i++) {
        await house.job(queue)
        await house.job(other)
      }
    }, 'repeatable read')

    expect(await house.wakeUps(queue)).toBe(1)
    expect(await house.wakeUps(other)).toBe(1)
  })

  test('what became ready after constraints were set immediate is answered, too', async ({ house }) => {
    const queue = await house.queue({ workers: 2 })

    await house.transaction(async () => {
      const first = await house.job(queue)
      await house.db.query('set constraints all immediate')
      expect(await house.inProgress(queue)).toEqual([first])
      await house.db.query('set constraints all deferred')
      await house.age('heartbeat', queue)
      await house.job(queue)
    })

    expect(await house.inProgress(queue)).toHaveLength(2)
  })

  /** What one statement over so many queues costs at its commit, per queue: calls of functions, pages, bytes that are copied; and its locks. */
  const costs = async (house: House, queues: number) => {
    const name = `many ${queues} `
    await house.db.query(
      `insert into supaqueue.queue (name, edge_function_name, paused) select $1 || i, 'hello', true from generate_series(1, $2) i`,
      [name, queues],
    )
    await house.begin()
    await house.db.query(
      `insert into supaqueue.job (queue) select id from supaqueue.queue where starts_with(name, $1)`,
      [
        name,
      ],
    )
    const counted = async () =>
      (await house.db.query(
        `select
           (select sum(calls)::integer from pg_stat_xact_user_functions) as calls,
           (select sum(pg_stat_get_xact_blocks_fetched(oid))::integer from pg_class) as pages,
           (select count(*)::integer from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()) as locks`,
      )).rows[0]
    await counted()
    const before = await counted()
    await house.db.query('set constraints all immediate')
    const after = await counted()
    // Each queue has what is remembered copied for it, as far as that has grown.
    const { rows: [{ bytes }] } = await house.db.query(
      `select sum(length(noted)::bigint * length(noted) / 37)::integer as bytes
       from generate_series(0, 255) as shelf
       cross join lateral (select current_setting('supaqueue.seen_' || shelf, true) as noted) as kept`,
    )
    await house.rollback()
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

  test('of queues beyond a thousand each has a run woken for it, unless it is paused', async ({ house }) => {
    // Those that are remembered in one place, so that twelve do for three thousand.
    const { rows: queues } = await house.db.query(
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
    await house.db.query(`insert into supaqueue.worker (queue) select id from supaqueue.queue where name like 'each %'`)

    await house.transaction(async () => {
      await house.db.query(`insert into supaqueue.job (queue) select id from supaqueue.queue where name like 'each %'`)
      await house.db.query('set constraints all immediate')
      const { rows } = await house.db.query(
        `select count(*)::integer as locks from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()`,
      )
      expect(rows[0].locks).toBeLessThan(6)
    })

    expect(queues).toHaveLength(24)
    for (const { id, paused } of queues) expect(await house.wakeUps(id)).toBe(paused ? 0 : 1)
  })
})

describe('a queue without workers', () => {
  const heard = async (house: House, work: () => Promise<unknown>) => {
    const notices: { message?: string; hint?: string }[] = []
    const listen = ({ message, hint }: { message?: string; hint?: string }) => void notices.push({ message, hint })
    house.db.on('notice', listen)
    try {
      await work()
    } finally {
      house.db.off('notice', listen)
    }
    return notices
  }

  test('is told of once for a statement of many jobs, with what to do', async ({ house }) => {
    const queue = await house.queue({ name: "Ada's mail" })

    const notices = await heard(house, () => house.jobs(queue, 50))

    expect(notices).toEqual([{
      message: "queue 'Ada''s mail' has no workers: its jobs wait",
      hint: "For one call at a time: select supaqueue.set_concurrency('Ada''s mail', 1);",
    }])
    await house.db.query(notices[0]!.hint!.replace(/^.*?: /, ''))
    expect(await heard(house, () => house.job(queue))).toEqual([])
  })

  test('is told of each time, also while a run is expected, and for a job that is due later', async ({ house }) => {
    const queue = await house.queue()

    for (const due of ['0 seconds', '0 seconds', '1 hour']) {
      expect(await heard(house, () => house.job(queue, { due }))).toHaveLength(1)
    }
  })

  test('is not asked about while a run is awake: the look at the heartbeat is all that an enqueue costs', async ({ house }) => {
    const queue = await house.queue()
    await house.turn(randomUUID(), queue)

    expect(await heard(house, () => house.job(queue))).toEqual([])
    await house.age('heartbeat', queue)
    expect(await heard(house, () => house.job(queue))).toHaveLength(1)
  })

  test('is not told of when its workers come with the same transaction, nor for what is held', async ({ house }) => {
    const queue = await house.queue()

    expect(await heard(house, () => house.job(queue, { status: 'held' }))).toEqual([])
    const notices = await heard(house, () =>
      house.transaction(async () => {
        await house.job(queue)
        await house.db.query('insert into supaqueue.worker (queue) values ($1)', [queue])
      }))
    expect(notices).toEqual([])
  })
})

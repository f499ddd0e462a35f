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

  test('what is remembered of each queue does not grow with the number of queues', async ({ house }) => {
    await house.db.query(
      `insert into supaqueue.queue (name, edge_function_name, paused) select 'many ' || i, 'hello', true from generate_series(1, 2000) i`,
    )
    await house.begin()
    await house.db.query(`insert into supaqueue.job (queue) select id from supaqueue.queue where name like 'many %'`)
    await house.db.query('set constraints all immediate')

    const { rows: [{ longest, whole }] } = await house.db.query(
      `select max(length(noted))::integer as longest, sum(length(noted))::integer as whole
       from generate_series(0, 255) as shelf
       cross join lateral (select current_setting('supaqueue.seen_' || shelf, true) as noted) as kept`,
    )
    await house.rollback()

    expect(whole).toBeGreaterThan(2000 * 36)
    expect(longest).toBeLessThan(2000)
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

import { describe, expect } from 'vitest'
import { refusal } from '../../../support/refusal.ts'
import { type Harness, test } from '../../../support/harness.ts'
import { hooked } from './hooked.ts'

/** A table with a hook whose queue is made for order and for one waiting job. */
async function inOrder(owner: Harness, more: string) {
  const photos = await hooked(owner)
  await owner.db.query(
    `update supaqueue.queue set ordered = 'key', per_key = 1, dedupe_until = 'begun', mode = 'pull' where id = $1`,
    [photos.queue],
  )
  await owner.db.query('insert into supaqueue.worker (queue) select $1 from generate_series(1, 5)', [photos.queue])
  await photos.say(more)
  return {
    ...photos,
    waiting: async () =>
      (await owner.db.query(
        `select id, payload, origin, concurrency_key, run_at - created_at as put_off
         from supaqueue.job where queue = $1 and status = 'pending' order by id`,
        [photos.queue],
      )).rows,
    /** Begins what may begin. */
    take: async () =>
      (await owner.db.query(
        `select picked.job as id, picked.token, picked.payload
         from unnest(supaqueue.pick((select name from supaqueue.queue where id = $1), most => 10)) as picked`,
        [photos.queue],
      )).rows,
  }
}

describe('on_change, ordered', () => {
  test('has the jobs of a row wait for each other, and others pass', async ({ another }) => {
    const owner = await another('owner')
    const photos = await inOrder(owner, `ordered => 'key'`)
    await photos.run(`insert into %t values (1, 'a'), (2, 'b')`)
    await photos.run(`update %t set path = 'c' where id = 1`)

    expect((await photos.waiting()).map(({ concurrency_key: key }) => key)).toEqual([
      `${photos.table}:1`,
      `${photos.table}:2`,
      `${photos.table}:1`,
    ])
    const first = await photos.take()
    expect(first.map(({ payload }) => [payload.type, payload.record.id])).toEqual([['INSERT', 1], ['INSERT', 2]])
    expect(await photos.take()).toEqual([])
    await owner.db.query(`select supaqueue.finish($1, 'complete')`, [first[0].token])
    expect((await photos.take()).map(({ payload }) => payload.type)).toEqual(['UPDATE'])
  })

  test('calls a row alike in a write of many and in one of its own', async ({ another }) => {
    const owner = await another('owner')
    const plain = await inOrder(owner, `ordered => 'key'`)
    const texts = await hooked(owner, '', 'id text primary key, path text')
    const pairs = await hooked(owner, '', 'id text, version integer, path text, primary key (version, id)')
    await owner.db.query(`update supaqueue.queue set ordered = 'key' where id = any ($1)`, [[texts.queue, pairs.queue]])
    await texts.say(`ordered => 'key'`)
    await pairs.say(`ordered => 'key'`)
    const keys = async (queue: string) => {
      const { rows } = await owner.db.query(
        `with gone as (delete from supaqueue.job where queue = $1 returning concurrency_key as key) select key from gone order by 1`,
        [queue],
      )
      return rows.map(({ key }) => key)
    }

    for (
      const [hook, row] of [
        [plain, 'i'],
        [texts, `case i % 2 when 0 then repeat('é', 260) else 'a"b,' end || i`],
        [pairs, `repeat('x', i % 2 * 510) || i, i`],
      ] as const
    ) {
      await hook.run(`insert into %t select ${row} from generate_series(1, 30) as i`)
      const together = await keys(hook.queue)
      expect(new Set(together).size).toBe(30)
      await hook.run('delete from %t')
      expect(await keys(hook.queue)).toEqual(together)
      await owner.db.query(
        `do $do$ begin for i in 1 .. 30 loop insert into ${hook.table} select ${row}; end loop; end $do$`,
      )
      expect(await keys(hook.queue)).toEqual(together)
    }
  })

  test.for(['ordered', '"coalesce"'])(
    'has a write go through whose table lost a name that its hook has: its jobs are in no line (%s)',
    async (how, { another }) => {
      const owner = await another('owner')
      const photos = await inOrder(owner, `columns => '{path}', ${how} => 'key'`)

      await photos.run('alter table %t rename path to place')
      await photos.run(`insert into %t values (1, 'a'), (2, 'b')`)
      await photos.run(`update %t set place = 'c'`)
      await photos.run('alter table %t rename id to number')
      await photos.run(`update %t set place = 'd' where number = 1`)
      await photos.run('delete from %t where number = 1')

      expect((await photos.waiting()).map(({ payload, concurrency_key: key }) => [payload.type, key === null])).toEqual(
        [
          ['INSERT', how !== 'ordered'],
          ['INSERT', how !== 'ordered'],
          ['UPDATE', true],
          ['UPDATE', true],
          ['UPDATE', true],
          ['DELETE', true],
        ],
      )
      expect((await photos.faults()).map(({ code }) => code)).toContain('42703')
    },
  )

  test('is refused where the queue is not, and said where it is not any more', async ({ another }) => {
    const owner = await another('owner')
    const photos = await hooked(owner)

    expect(await refusal(photos.say(`ordered => 'key'`))).toMatchObject({
      code: 'SQ409',
      hint: expect.stringContaining('update supaqueue.queue set ordered'),
    })
    const kept = await inOrder(owner, `ordered => 'key', "coalesce" => 'key'`)
    await owner.db.query(`update supaqueue.queue set ordered = null, dedupe_until = 'finished' where id = $1`, [
      kept.queue,
    ])
    await kept.run(`insert into %t values (1, 'a')`)
    await kept.run(`update %t set path = 'b'`)

    expect(await kept.types()).toEqual(['INSERT', 'UPDATE'])
    expect((await kept.faults()).map(({ code, reason }) => [code, reason.includes('any more')])).toEqual([
      ['SQ409', true],
      ['SQ409', true],
    ])
  })
})

describe('on_change, coalesces', () => {
  test('has one wait while one runs, with the first old record and the last record', async ({ another }) => {
    const owner = await another('owner')
    const photos = await inOrder(owner, `ordered => 'key', "coalesce" => 'key'`)
    await photos.run(`insert into %t values (1, 'a')`)
    await photos.run(`update %t set path = 'b'`)
    const [running] = await photos.take()
    expect(running.payload).toMatchObject({ type: 'INSERT', record: { path: 'b' }, old_record: null })

    for (const path of ['c', 'd', 'e']) await photos.run(`update %t set path = '${path}'`)

    expect(await photos.take()).toEqual([])
    expect(await photos.waiting()).toMatchObject([{
      payload: { type: 'UPDATE', record: { path: 'e' }, old_record: { path: 'b' } },
      origin: { 'hook-merged': '3', 'hook-first-at': expect.any(String) },
    }])
    await owner.db.query(`select supaqueue.finish($1, 'complete')`, [running.token])
    expect(await photos.take()).toMatchObject([{ payload: { record: { path: 'e' } } }])
  })

  test('of many rows in one statement takes in those that wait', async ({ another }) => {
    const owner = await another('owner')
    const photos = await inOrder(owner, `coalesces => 'key', payload => 'changes'`)
    await photos.run(`insert into %t select i, 'a' from generate_series(1, 100) as i`)
    await photos.run(`update %t set path = 'b' where id <= 50`)
    await photos.run(`update %t set id = id + 1000 where id <= 10`)

    const waiting = await photos.waiting()
    expect(waiting).toHaveLength(110)
    expect(waiting.filter(({ payload }) => payload.type === 'DELETE')).toHaveLength(10)
    expect(waiting.filter(({ payload }) => payload.record?.path === 'b')).toHaveLength(50)
    expect(await photos.faults()).toEqual([])
  })

  test('puts off after the last change, and no longer than max_wait after the first', async ({ another }) => {
    const owner = await another('owner')
    const photos = await inOrder(owner, `coalesces => 'key', delay => '1 hour', max_wait => '90 min'`)
    await photos.run(`insert into %t values (1, 'a')`)
    expect(await photos.waiting()).toMatchObject([{ put_off: { hours: 1 } }])

    await owner.db.query(
      `update supaqueue.job set created_at = created_at - interval '10 min', run_at = run_at - interval '10 min' where queue = $1`,
      [photos.queue],
    )
    await photos.run(`update %t set path = 'b'`)
    const [after] = await photos.waiting()
    expect(after.put_off).toMatchObject({ hours: 1, minutes: 10 })

    await owner.db.query(
      `update supaqueue.job set created_at = created_at - interval '1 hour' where queue = $1`,
      [photos.queue],
    )
    await photos.run(`update %t set path = 'c'`)
    expect(await photos.waiting()).toMatchObject([{ put_off: { hours: 1, minutes: 30 } }])
  })

  test('fails no write: above read committed, beside a running job that has kept its key, and where rows are too wide', async ({ another }) => {
    const owner = await another('owner')
    const photos = await inOrder(owner, `"coalesce" => 'key'`)
    await photos.run(`insert into %t values (1, 'a')`)
    await owner.db.query('begin isolation level repeatable read')
    await photos.run(`update %t set path = 'b'`)
    await owner.db.query('commit')
    expect(await photos.types()).toEqual(['INSERT', 'UPDATE'])

    await owner.db.query(`update supaqueue.queue set dedupe_until = 'finished' where id = $1`, [photos.queue])
    await owner.db.query(`insert into supaqueue.job (queue, dedupe_key) values ($1, $2)`, [
      photos.queue,
      `hook:${photos.name} ${photos.table}:1`,
    ])
    await photos.take()
    await owner.db.query(`update supaqueue.queue set dedupe_until = 'begun' where id = $1`, [photos.queue])
    await photos.run(`update %t set path = 'c'`)
    expect((await photos.waiting()).map(({ payload }) => payload.record)).toMatchObject([{ path: 'c' }])

    await photos.run('delete from %t')
    await photos.jobs()
    await owner.db.query('update supaqueue.queue set payload_max_bytes = 2000 where id = $1', [photos.queue])
    await photos.run(`insert into %t values (1, repeat('x', 1500))`)
    await photos.run(`update %t set path = repeat('y', 5000)`)
    expect(await photos.waiting()).toMatchObject([{
      payload: { type: 'INSERT', record: { id: 1 }, old_record: null },
      origin: { 'hook-payload': 'keys', 'hook-merged': '2' },
    }])
  })

  test('holds the job that waits, when a change is one too many of a chain', async ({ another }) => {
    const owner = await another('owner')
    const photos = await inOrder(owner, `"coalesce" => 'key', max_depth => 1`)
    await photos.run(`insert into %t values (1, 'a')`)
    const [running] = await photos.take()
    await photos.run(`update %t set path = 'b'`)
    await owner.db.query(`update supaqueue.job set origin = origin || '{"hook-depth": "1"}' where id = $1`, [
      running.id,
    ])
    await owner.begin()
    await owner.db.query(`select set_config('supaqueue.cause', $1, true)`, [running.token])
    await photos.run(`update %t set path = 'c'`)
    await owner.commit()

    const { rows } = await owner.db.query(
      `select status, error, payload from supaqueue.job where queue = $1 and id <> $2`,
      [photos.queue, running.id],
    )
    expect(rows).toMatchObject([{
      status: 'held',
      error: expect.stringContaining('max_depth'),
      payload: { record: { path: 'c' } },
    }])
  })

  test.for(
    [
      [`ordered => 'queue'`, 'ordered is key'],
      [`coalesces => 'yes'`, 'coalesces is key'],
      [`"coalesce" => 'yes'`, 'coalesces is key'],
      [`coalesces => 'key', "coalesce" => 'yes'`, 'say two things'],
      [`delay => '0'`, 'delay is'],
      [`delay => '1000 days'`, 'delay is'],
      [`max_wait => '5 min'`, 'it goes with coalesces and delay'],
      [`coalesces => 'key', delay => '5 min', max_wait => '1 min'`, 'no shorter than delay'],
    ] as const,
  )('refuses %s', async ([more, said], { another }) => {
    const owner = await another('owner')
    const photos = await hooked(owner)

    expect(await refusal(photos.say(more))).toMatchObject({ code: 'SQ422', message: expect.stringContaining(said) })
  })
})

describe('a trigger that writes to a row again', () => {
  // Hooks fire at the end of a statement: the inner one, of the trigger, before the one that it belongs to.
  for (const promise of [`ordered => 'key'`, `coalesces => 'key'`, `ordered => 'key', coalesces => 'key'`]) {
    test(`has the last job say how the row is: ${promise}`, async ({ another }) => {
      const owner = await another('owner')
      const photos = await inOrder(owner, promise)
      const last = async () => {
        const jobs = await photos.jobs()
        return Object.fromEntries(jobs.map(({ payload: { record, old_record } }) => [
          ((record ?? old_record) as { id: number }).id,
          record && (record as { path: string }).path,
        ]))
      }
      const routine = `${photos.table}_again`
      await owner.db.query(
        `create function ${routine}() returns trigger language plpgsql as $$
         begin
           if tg_op = 'DELETE' then
             if old.id = 3 then insert into ${photos.table} values (3, 'back'); end if;
           elsif new.path not like '%!%' then
             update ${photos.table} set path = new.path || '!' where id = new.id;
           end if;
           return null;
         end $$;
         create trigger again after insert or update or delete on ${photos.table} for each row execute function ${routine}()`,
      )

      await photos.run(`insert into %t values (1, 'a'), (2, 'b'), (3, 'c')`)
      expect(await last()).toEqual({ 1: 'a!', 2: 'b!', 3: 'c!' })
      await photos.run(`update %t set path = 'd' where id < 3`)
      expect(await last()).toEqual({ 1: 'd!', 2: 'd!' })
      await photos.run('delete from %t where id > 1')
      expect(await last()).toEqual({ 2: null, 3: 'back!' })

      // By the name of a table that took its place nothing can be looked up.
      const renamed = `${photos.table}_before`
      await owner.begin()
      await owner.db.query(`alter table ${photos.table} rename to ${renamed.replace('public.', '')}`)
      await owner.db.query(`create table ${photos.table} as select 1 as id, 'another'::text as path`)
      await owner.db.query(`update ${renamed} set path = 'e!' where id = 1`)
      await owner.commit()
      expect(await last()).toEqual({ 1: 'e!' })
    })
  }
})

import type pg from 'pg'
import { describe, expect } from 'vitest'
import { type Harness, harness as harnessOf, test } from '../support/harness.ts'
import type { TestDatabase } from '../support/database.ts'

/** Up to 0.20.5 pg_net lets every role put triggers on its tables, lock them, and read what is queued. */
async function scene(database: TestDatabase) {
  const admin = await database.connect('admin')
  await admin.query(`
    do $$ begin create role nobody login; exception when duplicate_object or unique_violation then null; end $$;
    create table public.caught (who text, vault text);
    grant insert on public.caught to public`)
  const stranger = await database.connect('admin')
  await stranger.query('set session authorization nobody')
  const harness = harnessOf(await database.connect())
  return { admin, stranger, harness, queue: await harness.queue({ workers: 1 }) }
}

/** Notes who runs it and whether Vault can be read; tries to become others on the way. */
const trap = `create function pg_temp.trap() returns trigger language plpgsql as $$
  begin
    begin reset role; exception when others then null; end;
    insert into public.caught values (current_user, (select string_agg(name, ',') from vault.decrypted_secrets));
    return null;
  end $$;`

const caught = async (admin: pg.Client) => (await admin.query('select * from public.caught')).rows

const triggers = {
  'before each row': 'create trigger zz before insert on net.http_request_queue for each row',
  'after each row': 'create trigger zz after insert on net.http_request_queue for each row',
  'before the statement': 'create trigger zz before insert on net.http_request_queue for each statement',
  'after the statement': 'create trigger zz after insert on net.http_request_queue for each statement',
  'deferred to the commit':
    'create constraint trigger zz after insert on net.http_request_queue deferrable initially deferred for each row',
}

describe('who may only log in', () => {
  for (const isolation of ['read committed', 'repeatable read', 'serializable']) {
    test.for(Object.keys(triggers) as (keyof typeof triggers)[])(
      `runs nothing with another's rights by a trigger %s, ${isolation}`,
      async (kind, { ownDatabase }) => {
        const { admin, stranger, harness, queue } = await scene(ownDatabase)
        await stranger.query(`${trap} ${triggers[kind]} execute function pg_temp.trap()`)

        const warnings = await harness.warnings(() => harness.transaction(() => harness.job(queue), isolation))
        await harness.sweep()
        await admin.query('select supaqueue.sweep()')

        expect(await caught(admin)).toEqual([])
        expect(await harness.wakeUps(queue)).toBe(0)
        expect(warnings[0]).toMatchObject({ code: 'SQ503', message: expect.stringContaining('the trigger zz') })
      },
    )
  }

  test.for(['repeatable read', 'serializable'])(
    'runs nothing by a trigger that is added after the snapshot of a transaction that is %s',
    async (isolation, { ownDatabase }) => {
      const { admin, stranger, harness, queue } = await scene(ownDatabase)
      await harness.begin(isolation)
      await harness.job(queue)
      await stranger.query(`${trap} ${triggers['deferred to the commit']} execute function pg_temp.trap()`)

      const warnings = await harness.warnings(() => harness.commit())

      expect(await caught(admin)).toEqual([])
      expect(warnings[0]).toMatchObject({ code: 'SQ503', message: expect.stringContaining('cannot be seen') })
    },
  )

  test('adds no trigger between the look and the end of the transaction', async ({ ownDatabase }) => {
    const { admin, stranger, harness, queue } = await scene(ownDatabase)
    await stranger.query(trap)
    await harness.begin()
    await harness.job(queue)
    await harness.db.query('set constraints all immediate')
    await stranger.query(`set lock_timeout = '100ms'`)

    await expect(stranger.query(`${triggers['before each row']} execute function pg_temp.trap()`)).rejects
      .toMatchObject(
        { code: '55P03' },
      )
    await harness.commit()

    expect(await caught(admin)).toEqual([])
    expect(await harness.wakeUps(queue)).toBe(1)
  })

  test('wakes go on under every isolation once its trigger is gone, and pg_class was vacuumed', async ({ ownDatabase }) => {
    const { admin, stranger, harness, queue } = await scene(ownDatabase)
    await stranger.query(`${trap} ${triggers['before each row']} execute function pg_temp.trap()`)
    await stranger.query('drop function pg_temp.trap() cascade')
    await admin.query('vacuum net.http_request_queue')

    await harness.transaction(() => harness.job(queue), 'serializable')

    expect(await harness.wakeUps(queue)).toBe(1)
  })

  test('takes the place of pg_net in vain', async ({ ownDatabase }) => {
    const { admin, stranger, harness, queue } = await scene(ownDatabase)
    await admin.query(`drop schema net cascade; create schema net authorization nobody`)
    await stranger.query(`
      create table net.http_request_queue (body bytea);
      grant all on net.http_request_queue to public;
      grant all on schema net to public;
      create function net.http_post(url text, body jsonb default '{}', params jsonb default '{}', headers jsonb default '{}',
        timeout_milliseconds integer default 1) returns bigint language sql as
      $$ insert into public.caught values (current_user, null); select 1::bigint $$`)

    const warnings = await harness.warnings(() => harness.job(queue))

    expect(await caught(admin)).toEqual([])
    expect(warnings[0]).toMatchObject({ message: expect.stringContaining('is not the function of pg_net') })
  })

  test('stops no insert by a lock on the table, however many queues it wakes', async ({ ownDatabase }) => {
    const { stranger, harness } = await scene(ownDatabase)
    const queues = [await harness.queue({ workers: 1 }), await harness.queue({ workers: 1 })]
    await stranger.query('begin; lock table net.http_request_queue')

    const warnings = await harness.warnings(() =>
      harness.transaction(async () => {
        for (const queue of queues) await harness.job(queue)
      })
    )

    // One that waited, and none after it.
    expect(warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining('somebody locks net.http_request_queue'),
    ])
    await stranger.query('rollback')
    await woken(harness, queues)
  })
})

async function woken(harness: Harness, queues: string[]) {
  for (const queue of queues) {
    await harness.db.query(
      `update supaqueue.heartbeat set woken_at = woken_at - interval '1 second' where queue = $1`,
      [
        queue,
      ],
    )
  }
  await harness.sweep()
  for (const queue of queues) expect(await harness.wakeUps(queue)).toBe(1)
}

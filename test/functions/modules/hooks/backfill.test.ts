import { describe, expect } from 'vitest'
import { refusal } from '../../../support/refusal.ts'
import { harness, test } from '../../../support/harness.ts'
import { begin, filled, goOn, goOnToTheEnd, progress } from './backfilled.ts'
import { hooked } from './hooked.ts'

describe('backfill', () => {
  test('makes a job of each row that is meant, once, in slices, with what a hook says', async ({ ownDatabase }) => {
    const owner = harness(await ownDatabase.connect('owner'))
    const photos = await filled(owner, 2500, `, "when" => 'new.id <> 4'`)
    const id = await begin(owner, photos, `, 'new.kind = ''even''', 1000`)

    expect(await progress(owner, id)).toMatchObject({ status: 'running', rows: 0, percent: null })
    expect(await goOn(owner, id)).toBe(1000)
    expect(await progress(owner, id)).toMatchObject({ status: 'running', rows: 1000, after: ['1000'] })
    expect(await goOn(owner, id, 2)).toBe(1500)

    expect(await progress(owner, id)).toMatchObject({ status: 'done', rows: 2500, percent: 100 })
    const jobs = await photos.jobs()
    expect(jobs.map(({ payload }) => (payload.record as { id: number }).id).sort((a, b) => a - b))
      .toEqual(Array.from({ length: 1250 }, (_, i) => 2 * (i + 1)).filter((id) => id !== 4))
    expect(jobs[0]).toMatchObject({
      payload: { type: 'INSERT', old_record: null, record: { path: 'a' } },
      origin: { hook: photos.name, 'hook-backfill': 'yes', 'hook-table': photos.table },
    })
  })

  test.for(
    [
      ['id integer, path text, kind text, primary key (path, id)', 'name, i'],
      ['id uuid primary key, path timestamptz, kind text', 'random'],
      ['id numeric, path timestamptz, kind text, primary key (path, id)', 'time'],
    ] as const,
  )('goes by the whole key: %s', async ([columns, kind], { ownDatabase }) => {
    const owner = harness(await ownDatabase.connect('owner'))
    const photos = await filled(owner, 0, '', columns)
    await owner.db.query(`set supaqueue.silent_hooks = '*'`)
    await photos.run(`insert into %t select ${
      {
        'name, i': `i, case i % 3 when 0 then 'é' when 1 then 'Z' else 'a''%' end`,
        random: `gen_random_uuid(), now()`,
        time: `i / 7.0, '2026-03-29 01:00+01'::timestamptz + i % 5 * interval '17 min 0.000001 s'`,
      }[kind]
    } from generate_series(1, 300) as i`)
    await owner.db.query(`reset supaqueue.silent_hooks; set timezone = 'America/St_Johns'`)
    const id = await begin(owner, photos)
    await owner.db.query('update supaqueue.backfill set slice = 7, per_second = 0.7')

    await goOnToTheEnd(owner, id)

    const records = (await photos.jobs()).map(({ payload: { record } }) => JSON.stringify(record))
    expect(new Set(records).size).toBe(300)
    expect(records).toHaveLength(300)
  })

  test('stops, and goes on where it was, as does one whose sweep broke off', async ({ ownDatabase }) => {
    const owner = harness(await ownDatabase.connect('owner'))
    const photos = await filled(owner, 250)
    const id = await begin(owner, photos, `, rate => 10`)
    await goOn(owner, id)
    expect((await owner.db.query('select supaqueue.cancel_backfill($1) as changed', [id])).rows).toEqual([{
      changed: true,
    }])
    expect(await goOn(owner, id)).toBe(0)
    expect(await progress(owner, id)).toMatchObject({ status: 'cancelled', finished_at: expect.any(String) })
    await owner.begin()
    await owner.db.query('select supaqueue.resume_backfill($1)', [id])
    await goOn(owner, id)
    await owner.rollback()

    await owner.db.query('select supaqueue.resume_backfill($1)', [id])
    for (let i = 0; i < 5; i++) await goOn(owner, id)

    expect(await progress(owner, id)).toMatchObject({ status: 'done', rows: 250 })
    expect(await photos.jobs()).toHaveLength(250)
    expect((await owner.db.query('select supaqueue.resume_backfill($1) as changed', [id])).rows).toEqual([{
      changed: false,
    }])
  })

  test('waits for whoever holds a row, and for a hook that is paused, and says why', async ({ ownDatabase }) => {
    const owner = harness(await ownDatabase.connect('owner'))
    const writer = harness(await ownDatabase.connect('owner'))
    const photos = await filled(owner, 30)
    const id = await begin(owner, photos)
    await writer.begin()
    await writer.db.query(`update ${photos.table} set path = 'held' where id = 5`)

    await goOn(owner, id, 8)
    expect(await progress(owner, id)).toMatchObject({ status: 'running', rows: 4, code: '55P03' })
    await writer.commit()
    await owner.db.query('select supaqueue.pause_hook($1)', [photos.name])
    expect(await goOn(owner, id)).toBe(0)
    await owner.db.query('select supaqueue.resume_hook($1)', [photos.name])
    await goOn(owner, id, 8)

    expect(await progress(owner, id)).toMatchObject({ status: 'done', rows: 30, code: null, failures: 0 })
    expect((await photos.jobs()).filter(({ payload }) => (payload.record as { id: number }).id === 5)).toMatchObject([
      { payload: { type: 'UPDATE', record: { path: 'held' } } },
      { payload: { type: 'INSERT', record: { path: 'held' } } },
    ])
  })

  test(
    'never makes the older state of a row the later job, beside two who write',
    async ({ ownDatabase }) => {
      const owner = harness(await ownDatabase.connect('owner'))
      const writers = [harness(await ownDatabase.connect('owner')), harness(await ownDatabase.connect('owner'))]
      const photos = await filled(owner, 0, '', 'id integer primary key, v integer not null, path text')
      await photos.run('insert into %t select i, 0 from generate_series(1, 60) as i')
      for (let round = 0; round < 5; round++) {
        const id = await begin(owner, photos)
        await owner.db.query('update supaqueue.backfill set slice = 5')
        let running = true
        const writing = writers.map(async ({ db }, writer) => {
          for (let i = 0; running; i++) {
            const from = (i * 7 + writer * 31) % 60
            await db.query(
              i % 3 === 0
                ? `with gone as (delete from ${photos.table} where id = ${from + 1} returning *)
                 insert into ${photos.table} select id + 1000, v + 1 from gone on conflict (id) do nothing`
                : `with held as (select id from ${photos.table} where id between ${from} and ${
                  from + 9
                } order by id for update)
                 update ${photos.table} as t set v = v + 1 from held where t.id = held.id`,
            )
          }
        })
        await goOnToTheEnd(owner, id)
        running = false
        await Promise.all(writing)
      }

      const { rows: now } = await owner.db.query(`select id, v from ${photos.table}`)
      const last = new Map<number, number>()
      for (const { payload } of await photos.jobs()) {
        const { type, record } = payload as { type: string; record: { id: number; v: number } | null }
        const key = ((record ?? payload.old_record) as { id: number }).id
        // What went may come again, with any number.
        if (record && last.has(key)) expect(record.v).toBeGreaterThanOrEqual(last.get(key)!)
        if (type === 'DELETE') last.delete(key)
        else last.set(key, record!.v)
      }
      expect([...last].sort(([a], [b]) => a - b)).toEqual(
        now.map(({ id, v }) => [id, v]).sort(([a], [b]) => a - b),
      )
    },
  )

  test('refuses what is not valid, or cannot be kept', async ({ another }) => {
    const owner = await another('owner')
    const [plain, keyless, ordered] = [
      await hooked(owner),
      await hooked(owner, '', 'id integer'),
      await filled(owner, 1),
    ]

    await expect(refusal(begin(owner, plain))).resolves.toMatchObject({ code: 'SQ409' })
    await expect(begin(owner, plain, ', any_order => true')).resolves.toBeDefined()
    await expect(refusal(begin(owner, keyless))).resolves.toMatchObject({ code: 'SQ422' })
    await expect(refusal(begin(owner, ordered, `, 'new.nothing = 1'`))).resolves.toMatchObject({ code: 'SQ422' })
    await expect(refusal(begin(owner, ordered, `, 'true; select 1'`))).resolves.toMatchObject({ code: 'SQ422' })
    await expect(refusal(begin(owner, ordered, ', rate => 0'))).resolves.toMatchObject({ code: 'SQ422' })
    await begin(owner, ordered)
    await expect(refusal(begin(owner, ordered))).resolves.toMatchObject({ code: 'SQ409' })
    for (const name of ['backfill_progress', 'cancel_backfill', 'resume_backfill']) {
      await expect(refusal(owner.db.query(`select supaqueue.${name}(0)`))).resolves.toMatchObject({ code: 'SQ404' })
    }
    await expect(refusal(owner.db.query(`select supaqueue.backfill('nowhere')`))).resolves.toMatchObject({
      code: 'SQ404',
    })
  })

  test('is for the owner, and whoever may stop it may not say what it runs', async ({ harness, another }) => {
    const owner = await another('owner')
    const photos = await filled(owner, 1)
    const id = await begin(owner, photos)

    await expect(harness.db.query('select supaqueue.backfill($1)', [photos.name])).rejects.toMatchObject({
      code: '42501',
    })
    await expect(harness.db.query(`update supaqueue.backfill set condition = 'true'`)).rejects.toMatchObject({
      code: '42501',
    })
    expect((await harness.db.query('select supaqueue.cancel_backfill($1) as changed', [id])).rows).toEqual([{
      changed: true,
    }])
  })
})

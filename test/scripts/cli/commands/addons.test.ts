import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inventory } from '../../../support/inventory.ts'
import { type Hosted, startHosted } from '../../../support/management_api/hosted.ts'

// One story, told in order: each test goes on where the one before has left the project.
describe('install --with', () => {
  let project: Hosted
  let before: string[]
  beforeAll(async () => {
    project = await startHosted()
    before = await inventory(project.adminUrl)
  })
  afterAll(() => project?.stop())

  const present = async () => {
    const { rows: [found] } = await project.db.query(`
      select to_regnamespace('fetchq') is not null as fetchq,
        exists (select from pg_proc where proname = 'fn_pgqueuer_enqueue') as pgqueuer`)
    return found
  }

  test('an add-on that is not known is refused, with the names of those that are', async () => {
    const { code, text } = await project.run(['install', '--yes', '--with', 'fetchq,taskq'])

    expect(code).toBe(2)
    expect(text).toMatch(/SQ422: there is no add-on taskq\nWhat to do: .*fetchq, pgqueuer/)
    expect(await inventory(project.adminUrl)).toEqual(before)
  })

  test("what is somebody else's is not taken over", async () => {
    await project.db.query(
      'create schema fetchq; create function public.fn_pgqueuer_enqueue(a text) returns int return 1',
    )
    const one = await project.run(['install', '--yes', '--with', 'fetchq'])
    const other = await project.run(['install', '--yes', '--with', 'pgqueuer'])
    await project.db.query('drop schema fetchq; drop function public.fn_pgqueuer_enqueue')

    expect(one.code).toBe(1)
    expect(one.text).toMatch(
      /SQ409: there is a schema fetchq that is not of supaqueue.*\nWhat to do: Nothing was changed/,
    )
    expect(other.text).toMatch(
      /SQ409: there is a function public\.fn_pgqueuer_enqueue\(a text\) that is not of supaqueue/,
    )
    expect(await inventory(project.adminUrl)).toEqual(before)
  })

  test('a dry run shows their statements and makes none', async () => {
    const { code, out } = await project.run(['install', '--dry-run', '--with', 'fetchq,pgqueuer'])

    expect(code).toBe(0)
    expect(out).toContain('create schema if not exists fetchq;')
    expect(out).toContain('create or replace function public.fn_pgqueuer_enqueue(')
    expect(await inventory(project.adminUrl)).toEqual(before)
  })

  test('without it there is none', async () => {
    await project.run(['install', '--yes'])

    expect(await present()).toEqual({ fetchq: false, pgqueuer: false })
  })

  test('they are put in place, and the same command once more changes nothing', async () => {
    const first = await project.run(['install', '--yes', '--with', 'fetchq,pgqueuer'])
    const after = await inventory(project.adminUrl)
    const second = await project.run(['install', '--yes', '--with', 'fetchq,pgqueuer'])

    expect(first.text).toContain('  - the add-ons fetchq, pgqueuer')
    expect([first.code, second.code]).toEqual([0, 0])
    expect(await present()).toEqual({ fetchq: true, pgqueuer: true })
    expect(await inventory(project.adminUrl)).toEqual(after)
  })

  test('a later install or upgrade without their names applies them anew', async () => {
    await project.db.query(`create or replace function public.fn_pgqueuer_enqueue(
        entrypoint text, payload bytea default null, priority integer default 0, execute_after interval default '0',
        dedupe_key text default null, headers jsonb default null
      ) returns bigint language sql return 1`)
    await project.run(['upgrade', '--yes'])
    const { rows } = await project.db.query(
      `select prolang = (select oid from pg_language where lanname = 'plpgsql') as ours
      from pg_proc where proname = 'fn_pgqueuer_enqueue'`,
    )

    expect(rows).toEqual([{ ours: true }])
  })

  test('remove --keep-data takes them away, and a later install brings them back', async () => {
    await project.db.query(`select fetchq.queue_create('q'), fetchq.queue_enable_notify('q'), fetchq.metric_snap('q')`)
    const { code, text } = await project.run(['remove', '--keep-data', '--yes'])
    const removed = await present()
    await project.run(['install', '--yes'])

    expect(code, text).toBe(0)
    expect(removed).toEqual({ fetchq: false, pgqueuer: false })
    expect(await present()).toEqual({ fetchq: true, pgqueuer: true })
    expect((await project.db.query('select from supaqueue.fetchq_snapshot')).rowCount).toBeGreaterThan(0)
    expect((await project.db.query(`select fetchq.doc_push('q', 'written to as before')`)).rowCount).toBe(1)
  })

  test('remove leaves no trace of them', async () => {
    await project.db.query(`select fetchq.queue_enable_notify('q')`)
    const { code } = await project.run(['remove', '--yes'])

    expect(code).toBe(0)
    expect(await inventory(project.adminUrl)).toEqual(before)
  })

  test('--into writes them into the migration, and a second run without their names has nothing to add', async () => {
    const shop = join(project.folder, 'shop')
    mkdirSync(join(shop, 'supabase'), { recursive: true })
    writeFileSync(join(shop, 'supabase/config.toml'), '')
    await project.run(['install', '--into', 'shop', '--with', 'pgqueuer'])
    const written = readdirSync(join(shop, 'supabase/migrations'))
    await project.run(['install', '--into', 'shop'])

    expect(written).toHaveLength(1)
    expect(readFileSync(join(shop, 'supabase/migrations', written[0] ?? ''), 'utf8'))
      .toMatch(/-- supaqueue: functions\/modules\/pgqueuer\/fn_pgqueuer_enqueue\.sql [0-9a-f]{64}/)
    expect(readdirSync(join(shop, 'supabase/migrations'))).toEqual(written)
  })
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { main } from '../../../../scripts/cli/main.ts'
import type { TestDatabase } from '../../../support/database.ts'
import { silentDeps } from '../../../support/management_api/terminal.ts'
import { root } from '../../../support/markdown.ts'
import { test } from '../../../support/own.ts'

async function run(database: TestDatabase, ...args: string[]) {
  const out: string[] = []
  const code = await main(args, {
    ...silentDeps({ env: { SUPAQUEUE_DB_URL: database.ownerUrl }, cwd: '/' }),
    say: (line) => void out.push(line),
  })
  return { code, out: out.join('\n') }
}

test('hooks are shown, paused and resumed, filled and replayed', async ({ database }) => {
  const owner = await database.connect('owner')
  expect((await run(database, 'hooks')).out).toMatch(/^No table has a hook\.[^]*hooks adopt/)
  await owner.query(`
    create table public.photos (id integer primary key, path text);
    insert into public.photos values (1, 'a');
    select supaqueue.create_queue('thumbnails', 'hello', mode => 'pull');
    select supaqueue.on_change('public.photos', 'thumbnails', payload => 'keys');
    insert into public.photos values (2, 'b');
    update supaqueue.job set status = 'success'`)
  const hook = 'photos_thumbnails'

  expect((await run(database, 'hooks')).out).toMatch(/^photos_thumbnails +public\.photos +thumbnails +.*\bon +1 /m)
  expect((await run(database, 'pause-hook', hook, '--reason', 'seeding')).out).toMatch(/captures nothing/)
  expect((await run(database, 'hooks')).out).toMatch(/photos_thumbnails is off: seeding/)
  expect(JSON.parse((await run(database, 'resume-hook', hook, '--json')).out)).toEqual({
    hook,
    enabled: true,
    changed: true,
  })
  expect((await run(database, 'backfill', hook, '--where', 'new.id = 1', '--rate', '50')).out).toMatch(
    /^Backfill 1 begins/,
  )
  expect((await run(database, 'hooks')).out).toMatch(/backfill 1 has looked at 0 rows/)
  expect((await run(database, 'cancel-backfill', '1')).out).toBe('Backfill 1 is cancelled.')
  expect((await run(database, 'resume-backfill', '1')).out).toBe('Backfill 1 goes on.')
  expect((await run(database, 'replay', hook, '2000-01-01')).out).toBe('One job is sent once more.')
  expect(await run(database, 'backfill', 'nowhere')).toMatchObject({ code: 5 })
})

test('hooks adopt lists what would be done, and does it when asked to', async ({ database }) => {
  const admin = await database.connect('admin')
  await admin.query(readFileSync(join(root, 'scripts/dev/project/platform.sql'), 'utf8'))
  const owner = await database.connect('owner')
  expect((await run(database, 'hooks', 'adopt')).out).toBe('This project has no Database Webhooks.')
  await owner.query(`
    create table public.articles (id integer primary key);
    create trigger index_it after insert on public.articles for each row
      execute function supabase_functions.http_request('http://kong:8000/functions/v1/index-it', 'POST', '{}', '{}', '1000')`)

  const { out } = await run(database, 'hooks', 'adopt')
  expect(out).toContain(
    `\nselect supaqueue.on_change('public.articles', 'index-it', name => 'index_it', events => '{insert}');\n`,
  )
  expect(out.split('\n').every((line) => line === '' || /^--|;$/.test(line))).toBe(true)
  expect((await owner.query('select from supaqueue.hook')).rowCount).toBe(0)

  expect((await run(database, 'hooks', 'adopt', '--apply', '--yes')).out).toMatch(
    /Hooks stand in the place of one webhook/,
  )
  expect((await owner.query('select name from supaqueue.hook')).rows).toEqual([{ name: 'index_it' }])
  expect(JSON.parse((await run(database, 'hooks', 'adopt', '--json')).out)).toMatchObject({
    applied: false,
    webhooks: [{ name: 'index_it', enabled: false }],
  })

  // Of two more, one is refused: the other is done, and the program says that not all is.
  await owner.query(`
    create table public.odd (supaqueue_whole integer);
    create trigger refused after insert on public.odd for each row
      execute function supabase_functions.http_request('http://kong:8000/functions/v1/index-it', 'POST', '{}', '{}', '1000');
    create trigger taken after delete on public.articles for each row
      execute function supabase_functions.http_request('http://kong:8000/functions/v1/index-it', 'POST', '{}', '{}', '1000')`)
  const listed = (await run(database, 'hooks', 'adopt')).out
  expect(listed).toMatch(/^-- refused: .*odd can have no hook.*\(SQ422\)$/m)
  expect(listed).toMatch(/^-- select supaqueue\.on_change\('public\.odd'/m)
  const applied = await run(database, 'hooks', 'adopt', '--apply', '--yes')
  expect(applied.out).toMatch(
    /Hooks stand in the place of one webhook,[^]*left as it was: one webhook:\n {2}refused on public\.odd: .*\(SQ422\)\n {4}Nothing was changed\./,
  )
  expect(applied.code).toBe(1)
  const again = await run(database, 'hooks', 'adopt', '--apply', '--yes', '--json')
  expect(again.code).toBe(1)
  expect(JSON.parse(again.out)).toMatchObject({ applied: false })
})

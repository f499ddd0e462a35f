import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { hooked } from './hooked.ts'

test('hook_instant has one row in one line, whatever the time zone of whoever writes', async ({ another }) => {
  const owner = await another('owner')
  const photos = await hooked(owner, '', 'at timestamptz, id integer, path text, primary key (at, id)')
  await owner.db.query(`update supaqueue.queue set dedupe_until = 'begun' where id = $1`, [photos.queue])
  await photos.say(`coalesces => 'key'`)

  await photos.run(`insert into %t values ('2026-01-31 23:30:00.25+00', 1, 'a'), ('infinity', 1, 'a')`)
  for (const zone of ['Asia/Kolkata', 'America/New_York', 'UTC']) {
    await owner.db.query(`set timezone = '${zone}'`)
    await photos.run(`update %t set path = '${zone}'`)
  }
  await owner.db.query('reset timezone')

  expect((await photos.jobs()).map(({ payload: { type, record } }) => [type, (record as { path: string }).path]))
    .toEqual([['INSERT', 'UTC'], ['INSERT', 'UTC']])
})

test('hook_instant is not asked of text that looks like a time: two rows whose keys are one instant are two jobs', async ({ another }) => {
  const owner = await another('owner')
  const photos = await hooked(owner, '', 'at text primary key, path text')
  await owner.db.query(`update supaqueue.queue set dedupe_until = 'begun' where id = $1`, [photos.queue])
  await photos.say(`coalesces => 'key'`)

  await photos.run(`insert into %t values ('2026-01-31T23:30:00+00:00', 'a'), ('2026-02-01T00:30:00+01:00', 'b')`)
  await photos.run(`update %t set path = path || '!'`)

  expect((await photos.jobs()).map(({ payload: { record } }) => (record as { path: string }).path).sort()).toEqual([
    'a!',
    'b!',
  ])
})

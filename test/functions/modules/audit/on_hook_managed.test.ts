import { expect } from 'vitest'
import { test } from '../../../support/own.ts'
import { acts } from './acts.ts'

test('writes down who makes, pauses, resumes, changes and takes away a hook, and nothing of its condition', async ({ database, harness }) => {
  const queue = await harness.queue({ name: 'photos' })
  const owner = await database.connect('owner')
  await owner.query('create table public.photo (id bigint primary key, secret text)')
  await owner.query(`select supaqueue.on_change('public.photo', 'photos', name => 'photo')`)
  await harness.db.query(`select supaqueue.pause_hook('photo', 'the bucket is full')`)
  await harness.db.query(`select supaqueue.resume_hook('photo')`)
  await owner.query(
    `select supaqueue.on_change('public.photo', 'photos', name => 'photo', "when" => 'new.secret = ''quiet''')`,
  )
  await owner.query(`select supaqueue.off_change('photo')`)

  const told = (await acts(harness, queue)).filter(({ act }) => act.endsWith(' hook'))
  expect(told.map(({ act }) => act)).toEqual(['create hook', 'pause hook', 'resume hook', 'change hook', 'delete hook'])
  expect(told[1]).toMatchObject({ role: 'service_role', after: { hook: 'photo', off_reason: 'the bucket is full' } })
  expect(JSON.stringify(told)).not.toContain('quiet')
})

import { expect } from 'vitest'
import { test } from '../../../support/own.ts'
import { refusal } from '../../../support/refusal.ts'
import { acts } from './acts.ts'

test('writes down who it was: role, token, application and person', async ({ harness }) => {
  const queue = await harness.queue({ name: 'mail' })
  await harness.db.query(`select set_config('request.jwt.claims', '{"sub": "ada-17"}', false),
    set_config('application_name', 'psql', false), set_config('supaqueue.person', 'Ada', false)`)
  await harness.db.query(`select supaqueue_internal.note_act('cancel', $1, 42, 3)`, [queue])

  expect((await acts(harness, queue)).at(-1)).toEqual({
    act: 'cancel',
    queue_name: 'mail',
    job: 42,
    jobs: 3,
    role: 'service_role',
    subject: 'ada-17',
    application: 'psql',
    person: 'Ada',
    before: null,
    after: null,
  })
})

test('does not mind claims that are no JSON', async ({ harness }) => {
  await harness.db.query(`select set_config('request.jwt.claims', 'nonsense', false)`)
  await harness.db.query(`select supaqueue_internal.note_act('cancel')`)

  expect((await acts(harness)).at(-1)).toMatchObject({ act: 'cancel', subject: null })
})

test('leaves out the test job of doctor', async ({ harness }) => {
  const queue = await harness.queue({ name: 'supaqueue_round_trip_1', workers: 1 })

  expect(await acts(harness, queue)).toEqual([])
})

test('nobody but the owner may rewrite what was done', async ({ harness }) => {
  await harness.queue()

  expect(await refusal(harness.db.query('delete from supaqueue.audit'))).toMatchObject({ code: '42501' })
  expect(await refusal(harness.db.query(`update supaqueue.audit set role = 'nobody'`))).toMatchObject({ code: '42501' })
})

test('what is done does not fail because it cannot be written down', async ({ database, harness }) => {
  const owner = await database.connect('owner')
  await owner.query('alter table supaqueue.audit add constraint nothing_any_more check (false) not valid')

  const heard = await harness.warnings(() => harness.queue({ name: 'mail' }))

  expect(heard).toMatchObject([{ code: 'SQ503', message: expect.stringContaining('create queue') }])
  await owner.query('alter table supaqueue.audit drop constraint nothing_any_more')
})

import { expect } from 'vitest'
import { SECRET } from '../../../support/cluster.ts'
import { test } from '../../../support/own.ts'
import { answered, posted } from './wake_answers.ts'
import { findings, makeHealthy } from './healthy.ts'

test('finds nothing where all is well, and says how it stands', async ({ database, harness }) => {
  await makeHealthy(database, harness)
  await answered(harness, await posted(harness), 202, '{}')
  await harness.turn('00000000-0000-4000-8000-000000000001', await harness.queue(), { hello: true })

  const { rows: [{ it }] } = await harness.db.query('select supaqueue.health() as it')

  expect(it).toMatchObject({
    ok: true,
    findings: [],
    wake_ups: { refusals: 0, accepted_at: expect.any(String) },
    runs: { last_run_at: expect.any(String), last_turn_at: expect.any(String), awake: 1 },
    secret: { vault: expect.stringMatching(/^[0-9a-f]{8}$/) },
    sweep: { scheduled: true, active: true, swept_at: expect.any(String) },
    net: { worker: true },
  })
  expect(it.chores.length).toBeGreaterThan(5)
})

test('shows no secret, nor what a header has', async ({ database, harness }) => {
  await makeHealthy(database, harness)
  await harness.queue({ default_headers: { authorization: 'very-quiet' }, paused: true })

  const { rows: [{ text }] } = await harness.db.query('select supaqueue.health()::text as text')

  expect(text).not.toContain(SECRET)
  expect(text).not.toContain('very-quiet')
})

test('puts errors first, and of queues that stand still only what stops all of them', async ({ database, harness }) => {
  await makeHealthy(database, harness)
  await harness.queue({ name: 'held', paused: true })
  const queue = await harness.queue({ workers: 1 })
  await harness.job(queue, { due: '-5 minutes' })
  await harness.db.query(`delete from supaqueue.setting where name = 'functions_url'`)

  expect((await findings(harness)).map(({ code, severity }) => `${severity} ${code}`)).toEqual([
    'error functions_url_missing',
    'info paused',
  ])
})

test('is read in a transaction that may change nothing, by the role of the console', async ({ harness }) => {
  await harness.queue({ workers: 1, paused: true })
  await harness.db.query('begin read only')
  await harness.db.query('select supaqueue.health()')
  await harness.db.query('commit')
})

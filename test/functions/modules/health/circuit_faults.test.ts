import { expect } from 'vitest'
import { test } from '../../../support/own.ts'
import { findings, makeHealthy } from './healthy.ts'

test('a target that is left alone is found, also while it is time to try it again', async ({ database, harness }) => {
  await makeHealthy(database, harness)
  const queue = await harness.queue({ name: 'busy' })

  await harness.openCircuit(queue, '3 minutes')
  expect(await findings(harness)).toMatchObject([{
    code: 'circuit_open',
    severity: 'warning',
    text: 'calls of the function hello are held back: 5 in a row were deferred (too many requests); next try in 3 min',
    remedy: `select supaqueue.try_target('busy');`,
  }])

  await harness.openCircuit(queue, '-1 minute')
  expect((await findings(harness))[0]!.text).toContain('next try with the next job that is due')
})

test('a function that is not there is fixed by its deployment', async ({ database, harness }) => {
  await makeHealthy(database, harness)
  await harness.openCircuit(await harness.queue({ name: 'gone' }))
  await harness.db.query(
    `update supaqueue.circuit set reason = 'hello answered 404 NOT_FOUND: Requested function was not found' where open_until is not null`,
  )

  expect((await findings(harness))[0]!.remedy).toBe('supabase functions deploy hello')
})

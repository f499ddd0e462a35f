import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { called, steps } from './support.ts'

test('the signals of a job that is deleted go along, and no others', async ({ harness }) => {
  const { job, token } = await called(harness)
  const { signal, sent, suspend } = steps(harness)
  const key = crypto.randomUUID()
  const stays = await signal({ job: await harness.job(await harness.queue()), name: 'paid' })
  const open = await signal({ job, name: 'approval' })
  const taken = await signal({ key, name: 'paid' })
  await suspend(token, [{ name: 'paid', kind: 'wait', key }])
  expect(await sent(taken)).toMatchObject({ taken_by: job })

  await harness.delete('job', job)

  expect(await Promise.all([open, taken].map(sent))).toEqual([undefined, undefined])
  expect(await sent(stays)).toMatchObject({ name: 'paid' })
})

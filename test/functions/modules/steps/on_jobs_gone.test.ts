import { expect } from 'vitest'
import { test } from '../../../support/house.ts'
import { called, steps } from './support.ts'

test('the signals of a job that is deleted go along, and no others', async ({ house }) => {
  const { job, token } = await called(house)
  const { signal, sent, suspend } = steps(house)
  const key = crypto.randomUUID()
  const stays = await signal({ job: await house.job(await house.queue()), name: 'paid' })
  const open = await signal({ job, name: 'approval' })
  const taken = await signal({ key, name: 'paid' })
  await suspend(token, [{ name: 'paid', kind: 'wait', key }])
  expect(await sent(taken)).toMatchObject({ taken_by: job })

  await house.delete('job', job)

  expect(await Promise.all([open, taken].map(sent))).toEqual([undefined, undefined])
  expect(await sent(stays)).toMatchObject({ name: 'paid' })
})

import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { test } from '../../../support/own.ts'
import { codes, findings, makeHealthy } from '../../modules/health/healthy.ts'

const HERE = 'https://aaaaaaaaaaaaaaaaaaaa.supabase.co'
const COPY = 'https://bbbbbbbbbbbbbbbbbbbb.supabase.co'

test('adopt has a copy send its jobs, and says from where', async ({ database, harness }) => {
  await makeHealthy(database, harness)
  const queue = await harness.queue({ workers: 1 })
  await harness.turn(randomUUID(), queue, { hello: true, project: HERE })
  await harness.age('heartbeat', queue)
  const [job] = await harness.jobs(queue, 1)
  await harness.turn(randomUUID(), queue, { room: 1, hello: true, project: COPY })

  const found = (await findings(harness)).find(({ code }) => code === 'copy')
  expect(found).toMatchObject({
    severity: 'error',
    text: `this database is a copy of ${HERE}, so ${COPY} calls nobody`,
  })
  const { rows: [{ explained }] } = await harness.db.query('select supaqueue.explain($1) as explained', [job])
  expect(explained.text).toContain('is a copy of')

  expect((await harness.db.query('select supaqueue.adopt() as here')).rows).toEqual([{ here: COPY }])
  expect(await codes(harness)).not.toContain('copy')
  expect((await harness.turn(randomUUID(), queue, { room: 1, hello: true, project: COPY })).jobs).toHaveLength(1)
  // And is no home of the first any more.
  expect((await harness.turn(randomUUID(), queue, { room: 1, hello: true, project: HERE })).state).toBe('leave')
})

test('before any dispatcher was refused, the next one that asks is home', async ({ harness }) => {
  const queue = await harness.queue({ workers: 1 })
  await harness.turn(randomUUID(), queue, { hello: true, project: HERE })

  expect((await harness.db.query('select supaqueue.adopt() as here')).rows).toEqual([{ here: null }])
  await harness.jobs(queue, 1)
  expect((await harness.turn(randomUUID(), queue, { room: 1, hello: true, project: COPY })).jobs).toHaveLength(1)
})

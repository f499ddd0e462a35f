import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { test } from '../../../support/own.ts'
import { codes, findings, makeHealthy } from '../../modules/health/healthy.ts'

const HERE = 'https://aaaaaaaaaaaaaaaaaaaa.supabase.co'
const COPY = 'https://bbbbbbbbbbbbbbbbbbbb.supabase.co'

test('adopt has a copy send its jobs, and says from where', async ({ database, house }) => {
  await makeHealthy(database, house)
  const queue = await house.queue({ workers: 1 })
  await house.turn(randomUUID(), queue, { hello: true, project: HERE })
  await house.age('heartbeat', queue)
  const [job] = await house.jobs(queue, 1)
  await house.turn(randomUUID(), queue, { room: 1, hello: true, project: COPY })

  const found = (await findings(house)).find(({ code }) => code === 'copy')
  expect(found).toMatchObject({
    severity: 'error',
    text: `this database is a copy of ${HERE}, so ${COPY} calls nobody`,
  })
  const { rows: [{ explained }] } = await house.db.query('select supaqueue.explain($1) as explained', [job])
  expect(explained.text).toContain('is a copy of')

  expect((await house.db.query('select supaqueue.adopt() as here')).rows).toEqual([{ here: COPY }])
  expect(await codes(house)).not.toContain('copy')
  expect((await house.turn(randomUUID(), queue, { room: 1, hello: true, project: COPY })).jobs).toHaveLength(1)
  // And is no home of the first any more.
  expect((await house.turn(randomUUID(), queue, { room: 1, hello: true, project: HERE })).state).toBe('leave')
})

test('before any dispatcher was refused, the next one that asks is home', async ({ house }) => {
  const queue = await house.queue({ workers: 1 })
  await house.turn(randomUUID(), queue, { hello: true, project: HERE })

  expect((await house.db.query('select supaqueue.adopt() as here')).rows).toEqual([{ here: null }])
  await house.jobs(queue, 1)
  expect((await house.turn(randomUUID(), queue, { room: 1, hello: true, project: COPY })).jobs).toHaveLength(1)
})

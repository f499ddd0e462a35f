import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import type { House } from '../../../support/house.ts'
import { test } from '../../../support/own.ts'

const HERE = 'https://aaaaaaaaaaaaaaaaaaaa.supabase.co'
const COPY = 'https://bbbbbbbbbbbbbbbbbbbb.supabase.co'

async function due(house: House): Promise<string> {
  const queue = await house.queue({ workers: 3 })
  await house.jobs(queue, 1)
  return queue
}
const hello = (house: House, queue: string, project?: string) =>
  house.turn(randomUUID(), queue, { room: 5, hello: true, ...(project && { project }) })

test('the first project that asks is home, and another one gets no job', async ({ house }) => {
  expect((await hello(house, await due(house), HERE)).jobs).toHaveLength(1)

  const queue = await due(house)
  expect(await hello(house, queue, COPY)).toMatchObject({ jobs: [], state: 'leave' })
  expect(await hello(house, queue, `${COPY}`)).toMatchObject({ jobs: [], state: 'leave' })
  expect((await hello(house, queue, HERE)).jobs).toHaveLength(1)
  const { rows } = await house.db.query('select project, adopted from supaqueue.home order by adopted')
  expect(rows).toEqual([{ project: COPY, adopted: false }, { project: HERE, adopted: true }])
})

test('nothing that the copy had already paired is handed out, either', async ({ house }) => {
  const queue = await due(house)
  await hello(house, await due(house), HERE)
  await house.db.query('select supaqueue.process_jobs($1)', [queue])
  expect((await house.db.query('select from supaqueue.current_job where queue = $1', [queue])).rowCount).toBe(1)

  expect(await hello(house, queue, COPY)).toMatchObject({ jobs: [], state: 'leave' })
})

test('where no address tells projects apart, the database does', async ({ house }) => {
  await hello(house, await due(house), 'http://127.0.0.1:54321')
  expect((await hello(house, await due(house), 'http://kong:8000')).jobs).toHaveLength(1)
  const { rows } = await house.db.query('select project from supaqueue.home')
  expect(rows).toEqual([{ project: expect.stringMatching(/^system \d+$/) }])

  // As a dump of another server has it.
  await house.db.query(`update supaqueue.home set project = 'system 1'`)
  expect((await hello(house, await due(house), 'http://kong:8000')).jobs).toEqual([])
})

test('rows that came with a dump make a copy of a project that was home to something before', async ({ house }) => {
  await hello(house, await due(house), COPY)
  await house.db.query('insert into supaqueue.home (project) values ($1)', [HERE])

  expect((await hello(house, await due(house), COPY)).jobs).toEqual([])
})

test('a dispatcher of an older release does not say where it is, and is not asked', async ({ house }) => {
  await hello(house, await due(house), HERE)
  expect((await hello(house, await due(house))).jobs).toHaveLength(1)
})

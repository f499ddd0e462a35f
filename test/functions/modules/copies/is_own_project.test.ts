import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import type { Harness } from '../../../support/harness.ts'
import { test } from '../../../support/own.ts'

const HERE = 'https://aaaaaaaaaaaaaaaaaaaa.supabase.co'
const COPY = 'https://bbbbbbbbbbbbbbbbbbbb.supabase.co'

async function due(harness: Harness): Promise<string> {
  const queue = await harness.queue({ workers: 3 })
  await harness.jobs(queue, 1)
  return queue
}
const hello = (harness: Harness, queue: string, project?: string) =>
  harness.turn(randomUUID(), queue, { room: 5, hello: true, ...(project && { project }) })

test('the first project that asks is home, and another one gets no job', async ({ harness }) => {
  expect((await hello(harness, await due(harness), HERE)).jobs).toHaveLength(1)

  const queue = await due(harness)
  expect(await hello(harness, queue, COPY)).toMatchObject({ jobs: [], state: 'leave' })
  expect(await hello(harness, queue, `${COPY}`)).toMatchObject({ jobs: [], state: 'leave' })
  expect((await hello(harness, queue, HERE)).jobs).toHaveLength(1)
  const { rows } = await harness.db.query('select project, adopted from supaqueue.home order by adopted')
  expect(rows).toEqual([{ project: COPY, adopted: false }, { project: HERE, adopted: true }])
})

test('nothing that the copy had already paired is handed out, either', async ({ harness }) => {
  const queue = await due(harness)
  await hello(harness, await due(harness), HERE)
  await harness.db.query('select supaqueue.process_jobs($1)', [queue])
  expect((await harness.db.query('select from supaqueue.current_job where queue = $1', [queue])).rowCount).toBe(1)

  expect(await hello(harness, queue, COPY)).toMatchObject({ jobs: [], state: 'leave' })
})

test('where no address tells projects apart, the database does', async ({ harness }) => {
  await hello(harness, await due(harness), 'http://127.0.0.1:54321')
  expect((await hello(harness, await due(harness), 'http://kong:8000')).jobs).toHaveLength(1)
  const { rows } = await harness.db.query('select project from supaqueue.home')
  expect(rows).toEqual([{ project: expect.stringMatching(/^system \d+$/) }])

  // As a dump of another server has it.
  await harness.db.query(`update supaqueue.home set project = 'system 1'`)
  expect((await hello(harness, await due(harness), 'http://kong:8000')).jobs).toEqual([])
})

test('rows that came with a dump make a copy of a project that was home to something before', async ({ harness }) => {
  await hello(harness, await due(harness), COPY)
  await harness.db.query('insert into supaqueue.home (project) values ($1)', [HERE])

  expect((await hello(harness, await due(harness), COPY)).jobs).toEqual([])
})

test('a dispatcher of an older release does not say where it is, and is not asked', async ({ harness }) => {
  await hello(harness, await due(harness), HERE)
  expect((await hello(harness, await due(harness))).jobs).toHaveLength(1)
})

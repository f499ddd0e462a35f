import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Line, startLine } from '../../faults/support/line.ts'
import { until } from '../../support/until.ts'
import { startWork } from './support/child.ts'
import { openScene, type Scene } from './support/scene.ts'

let line: Line
let scene: Scene
beforeEach(async () => {
  line = await startLine()
  scene = await openScene()
})
afterEach(async () => {
  await scene.close()
  await line.close()
})

test('killed when it has been given jobs and has called none: none of them uses its only attempt', async () => {
  const database = await scene.database()
  const queue = await database.queue({ workers: 25, max_attempts: 1 })
  const { host } = new URL(line.url)
  await line.leadTo(database.ownerUrl)
  const url = new URL(database.ownerUrl)
  url.host = host
  const first = await startWork(['--db-url', url.href])
  let killed = false
  line.beforeAnswer('"current_job"', () => {
    first.signal('SIGKILL')
    killed = true
  })

  await database.owner.jobs(queue, 25)
  await until(() => Promise.resolve(killed))
  await first.ended
  line.beforeAnswer(undefined)
  // A long answer sets out before its transaction is over.
  const given = 'select from supaqueue.current_job where queue = $1 and dispatcher is not null'
  await until(async () => (await database.owner.db.query(given, [queue])).rowCount === 25)
  await database.owner.age('current_job', queue)
  await database.owner.age('heartbeat', queue)
  await database.owner.sweep()
  const fates = 'select distinct status::text, attempts from supaqueue.job where queue = $1'
  expect((await database.owner.db.query(fates, [queue])).rows).toEqual([{ status: 'pending', attempts: 0 }])
  expect(scene.calls).toEqual([])

  await scene.work([database])
  await until(async () => await database.done(queue) === 25)

  expect((await database.owner.db.query(fates, [queue])).rows).toEqual([{ status: 'success', attempts: 1 }])
  expect(scene.calls).toHaveLength(25)
})

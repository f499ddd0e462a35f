import { afterEach, beforeEach, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { deno, startWork } from './support/child.ts'
import { openScene, type Scene } from './support/scene.ts'

let scene: Scene
beforeEach(async () => scene = await openScene())
afterEach(() => scene.close())

test('under Deno, a process does the jobs that come, and ends when it is told to', async () => {
  const database = await scene.database()
  const queue = await database.queue()
  const process = await startWork(['--db-url', database.ownerUrl], {}, deno())
  try {
    await database.owner.jobs(queue, 20)
    await until(async () => await database.done(queue) === 20)
    process.signal('SIGTERM')

    expect(await process.ended).toEqual([0, null])
  } finally {
    await process.kill()
  }
})

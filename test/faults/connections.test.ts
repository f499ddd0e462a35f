import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openScene, type Scene } from './support/scene.ts'
import { openTarget, type Target } from './support/target.ts'

// A connection that was used before may end while a request is under way. The runtime of functions repeats such a request by
// itself, and tells nobody: then a target is called twice by one attempt, and what a turn gave out is with nobody.

let scene: Scene
let target: Target

beforeAll(async () => {
  scene = await openScene()
  await scene.harness.setting('allow_private_targets', 'on')
})

afterEach(async () => {
  Object.assign(scene.stack.rest.faults, { loseAnswers: false })
  await scene.clear()
  await target?.close()
})

afterAll(() => scene?.close())

test.each(['POST', 'PUT', 'PATCH', 'DELETE'])(
  'a target that hangs up on %s, after others were answered on the same connection, is called once',
  async (method) => {
    target = await openTarget((response, visit) =>
      /last/.test(visit.body.toString()) ? response.socket!.destroy() : response.end('ok')
    )
    const queue = await scene.queue({ edge_function_name: null, url: target.origin, method, max_attempts: 1 })
    for (const n of ['first', 'second', 'last']) {
      await scene.job(queue, { n })
      await scene.untilEnded(queue)
    }

    expect(await scene.fates(queue)).toEqual(['success 1', 'success 1', 'failed 1'])
    expect(target.visits.map(({ body }) => JSON.parse(body.toString()).n)).toEqual(['first', 'second', 'last'])
  },
)

test('a turn whose answer is lost on a connection that was used before gives no job to nobody', async () => {
  const queue = await scene.queue({ workers: 5 })
  await scene.job(queue)
  await scene.untilEnded(queue)
  scene.witness.forget()
  scene.stack.rest.faults.loseAnswers = 'every other'

  for (let round = 0; round < 5; round++) {
    await scene.harness.jobs(queue, 10)
    await scene.untilEnded(queue)
  }

  expect(new Set(await scene.fates(queue))).toEqual(new Set(['success 1']))
  expect(scene.witness.calls).toHaveLength(50)
})

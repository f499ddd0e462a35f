import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openScene, type Scene, until } from './support/scene.ts'

let scene: Scene

beforeAll(async () => {
  scene = await openScene()
})

beforeEach(() => {
  scene.witness.forget()
  scene.lines.length = 0
})

afterAll(() => scene?.close())

test.each(['fast', 'immediate'] as const)(
  'PostgreSQL stopped (%s) with jobs in every state keeps each in its state, and runs what is due when it is back',
  async (mode) => {
    const { stack, harness, witness } = scene
    const queue = await scene.queue({ workers: 2 })
    const release = scene.holdAnswers()
    const called = await scene.job(queue, 'called')
    await scene.untilCalled(1)
    await stack.net!.pause()
    const waiting = await scene.queue()
    const woken = await scene.job(waiting, 'woken')
    const needing = await scene.queue()
    const abandoned = await scene.job(needing, 'abandoned')
    await harness.turn(randomUUID(), needing, { room: 1 })
    const pending = await scene.job(await scene.queue({ paused: true }))
    const others = [await harness.job(queue, { due: '1 day' })]
    for (const status of ['held', 'success', 'failed', 'cancelled']) others.push(await harness.job(queue, { status }))
    const all = [called, woken, abandoned, pending, ...others]
    const before = await fates(all)

    await stack.postgres!.stop(mode)
    // The call ends while there is nobody to tell.
    release()
    await until(() => scene.said(/the turn failed/))
    await stack.postgres!.start()
    await scene.reconnect()

    expect(before).toEqual([
      ...['in_progress 1', 'in_progress 1', 'in_progress 1', 'pending 0', 'pending 0'],
      ...['held 0', 'success 0', 'failed 0', 'cancelled 0'],
    ])
    expect((await fates(all)).slice(1)).toEqual(before.slice(1))
    // What pg_net had not yet sent is gone after a crash, since its tables are not logged.
    expect(await scene.harness.wakeUps(waiting)).toBe(mode === 'fast' ? 1 : 0)

    stack.net!.resume()
    const lost = mode === 'fast' ? [needing] : [needing, waiting]
    for (const one of lost) await scene.pass('70 seconds', one)
    await scene.sweep()
    await until(async () => (await fates([called, woken, abandoned])).every((fate) => fate.startsWith('success')))

    // Nobody knows that the abandoned one was ever called, so it used no attempt.
    expect(await fates(all)).toEqual(['success 1', 'success 1', 'success 1', ...before.slice(3)])
    expect(witness.calls.map(({ payload }) => payload).sort()).toEqual(['abandoned', 'called', 'woken'])
  },
)

/** What became of some jobs: status and attempts. */
async function fates(ids: number[]): Promise<string[]> {
  const { rows } = await scene.db.query('select status, attempts from supaqueue.job where id = any ($1) order by id', [
    ids,
  ])
  return rows.map(({ status, attempts }) => `${status} ${attempts}`)
}

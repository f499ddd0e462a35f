import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { installClock } from './support/clock.ts'
import { type Line, startLine } from './support/line.ts'
import { functionProcess } from './support/processes.ts'
import { openScene, type Scene, until } from './support/scene.ts'

let line: Line
let scene: Scene

beforeAll(async () => {
  line = await startLine()
  scene = await openScene({ edge: { graceMs: 5000 }, environment: { SUPABASE_URL: line.url } })
  await line.leadTo(scene.stack.apiUrl)
  // Wake-ups, turns and calls go by a line that can be cut.
  await scene.harness.setting('functions_url', `${line.url}/functions/v1`)
})

beforeEach(() => scene.witness.forget())

afterAll(async () => {
  await scene?.close()
  await line?.close()
})

test('killed with calls in flight: their jobs run again when the leases are over, under the same keys', async () => {
  const queue = await scene.queue({ workers: 3 })
  const release = scene.holdAnswers()
  await scene.harness.jobs(queue, 5)
  await scene.untilCalled(3)

  await scene.stack.edge.killFunction('supaqueue')
  release()
  await scene.sweep()
  expect(await scene.fates(queue)).toEqual([...Array(3).fill('in_progress 1'), ...Array(2).fill('pending 0')])
  await scene.pass('70 seconds', queue)
  expect(await scene.sweep()).toMatchObject({ leases_lost: 3 })
  await scene.untilEnded(queue)

  expect(await scene.fates(queue)).toEqual([...Array(3).fill('success 2'), ...Array(2).fill('success 1')])
  expect(scene.witness.calls).toHaveLength(8)
  expect(new Set(scene.witness.calls.map(({ headers }) => headers['idempotency-key'])).size).toBe(5)
})

test('killed when it has been given jobs and has called none, three times: none of them uses its only attempt', async () => {
  const queue = await scene.queue({ workers: 25, max_attempts: 1 })
  let killed = 0
  const killNext = () =>
    line.beforeAnswer('"current_job"', () => {
      line.beforeAnswer(undefined)
      process.kill(functionProcess('supaqueue').pid, 'SIGKILL')
      killed++
    })

  killNext()
  await scene.harness.jobs(queue, 25)
  for (const death of [1, 2, 3]) {
    await until(() => killed === death)
    await scene.pass('70 seconds', queue)
    if (death < 3) killNext()
    await scene.sweep()
  }
  await scene.untilEnded(queue)

  expect(await scene.fates(queue)).toEqual(Array(25).fill('success 1'))
  expect(scene.witness.calls).toHaveLength(25)
  const { rows } = await scene.db.query('select max(lost_claims) as lost from supaqueue.job where queue = $1', [queue])
  expect(rows).toEqual([{ lost: 3 }])
})

test('gone with the whole edge host: jobs are taken in meanwhile, and run when it is back', async () => {
  const queue = await scene.queue({ workers: 2 })
  const release = scene.holdAnswers()
  await scene.harness.jobs(queue, 2)
  await scene.untilCalled(2)

  await line.cut()
  await scene.stack.edge.killFunction('supaqueue')
  await scene.stack.edge.killFunction('witness')
  release()
  await scene.harness.jobs(queue, 3)
  const before = scene.stack.net!.counts().failed
  await scene.pass('70 seconds', queue)
  await scene.sweep()
  await until(() => scene.stack.net!.counts().failed > before)
  await line.fix()
  await scene.pass('70 seconds', queue)
  await scene.sweep()
  await scene.untilEnded(queue)

  expect(await scene.fates(queue)).toEqual([...Array(2).fill('success 2'), ...Array(3).fill('success 1')])
})

describe('evicted', () => {
  /** As the platform does it: no further requests, then the warning, then a short while. */
  const evict = () => {
    const { pid } = functionProcess('supaqueue')
    scene.stack.edge.restart('supaqueue')
    process.kill(pid, 'SIGTERM')
    return pid
  }

  test('gives back at once what it has not begun; what it has begun keeps its lease', async () => {
    const queue = await scene.queue({ workers: 2 })
    const release = scene.holdAnswers()
    const begun = await scene.harness.job(queue)
    await scene.untilCalled(1)
    // The next job is claimed by a turn whose answer does not arrive.
    scene.stack.rest.faults.loseAnswers = true
    const claimed = await scene.harness.job(queue)
    await until(async () => await scene.harness.currentJob(claimed) !== undefined)
    const { id: lost } = await scene.harness.currentJob(claimed)
    const { lease_until } = await scene.harness.currentJob(begun)

    const pid = evict()
    // It has said that it takes no more work, and has again not heard what it is to do.
    await scene.untilAsleep(queue)
    scene.stack.rest.faults.loseAnswers = false
    await scene.untilCalled(2)
    process.kill(pid, 'SIGKILL')

    expect((await scene.harness.currentJob(claimed)).id).not.toBe(lost)
    expect(await scene.harness.jobRow(claimed)).toMatchObject({ status: 'in_progress', attempts: 1 })
    expect(await scene.sweep()).toMatchObject({ leases_lost: 0 })
    expect((await scene.harness.currentJob(begun)).lease_until).toEqual(lease_until)

    release()
    await until(async () => (await scene.harness.jobRow(claimed)).status === 'success')
    await scene.pass('70 seconds', queue)
    await scene.sweep()
    await scene.untilEnded(queue)
    expect(await scene.fates(queue)).toEqual(['success 2', 'success 1'])
    expect(scene.witness.calls).toHaveLength(3)
  })

  test('reports the calls that end in the time it has left', async () => {
    const queue = await scene.queue({ workers: 3 })
    const release = scene.holdAnswers()
    await scene.harness.jobs(queue, 4)
    await scene.untilCalled(3)

    evict()
    release()
    await scene.untilEnded(queue)

    expect(await scene.fates(queue)).toEqual(Array(4).fill('success 1'))
    expect(scene.witness.calls).toHaveLength(4)
  })
})

describe('whose clock is not that of the database', () => {
  let setClock: (shift: string) => Promise<void>

  beforeAll(async () => {
    setClock = await installClock(scene.db)
  })

  afterEach(async () => {
    await setClock('0')
    // What it knows of the clocks is a minute old at most.
    await scene.stack.edge.killFunction('supaqueue')
  })

  test.each(['1 hour', '-1 hour'])('asks the database, and serves its wake_ups: %s', async (shift) => {
    const queue = await scene.queue()

    await setClock(shift)
    await scene.job(queue)
    await scene.untilEnded(queue)

    expect(await scene.fates(queue)).toEqual(['success 1'])
  })

  test('reports a call during which the clock jumped ahead', async () => {
    const queue = await scene.queue()
    const release = scene.holdAnswers()
    await scene.job(queue)
    await scene.untilCalled(1)

    await setClock('1 hour')
    release()
    await scene.untilEnded(queue)

    expect(await scene.fates(queue)).toEqual(['success 1'])
  })

  test('is told that a report is stale when the sweep, too, has met the clock that jumped; the job runs again', async () => {
    const queue = await scene.queue()
    const release = scene.holdAnswers()
    await scene.job(queue)
    await scene.untilCalled(1)

    await setClock('1 hour')
    expect(await scene.sweep()).toMatchObject({ leases_lost: 1 })
    await scene.untilCalled(2)
    release()
    await scene.untilEnded(queue)
    await until(() => scene.said(/"code":"SQ409"/))

    expect(await scene.fates(queue)).toEqual(['success 2'])
    expect(scene.witness.calls).toHaveLength(2)
  })

  test('and dies when that was set back: the heartbeat it leaves is not believed for an hour', async () => {
    const queue = await scene.queue({ workers: 2 })
    const release = scene.holdAnswers()
    await scene.job(queue)
    await scene.untilCalled(1)

    await setClock('-1 hour')
    await scene.stack.edge.killFunction('supaqueue')
    const job = await scene.job(queue)
    await scene.sweep()
    await scene.untilCalled(2)
    release()

    await until(async () => (await scene.harness.jobRow(job)).status === 'success')
    await scene.pass('2 hours', queue)
    await scene.sweep()
    await scene.untilEnded(queue)
    expect(await scene.fates(queue)).toEqual(['success 2', 'success 1'])
  })
})

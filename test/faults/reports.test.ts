import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openClient } from '../../scripts/dev/client.ts'
import { type Answer, harness, type Report } from '../support/harness.ts'
import { openScene, type Scene, until } from './support/scene.ts'

let scene: Scene
let rpc: (name: string, args: object) => Promise<{ data: unknown; error: unknown; status: number }>

beforeAll(async () => {
  scene = await openScene()
  const client = openClient(scene.stack, scene.stack.keys.secret)
  rpc = async (name, args) => await client.rpc(name, args)
})

beforeEach(() => scene.witness.forget())

afterAll(() => scene?.close())

/** What anybody who has the secret key can do: a turn by hand. */
async function turn(queue: string, reports: Report[], more: object = {}): Promise<Answer> {
  const { data, error } = await rpc('supaqueue_turn', { request: { run: randomUUID(), queue, reports, ...more } })
  if (error) throw error
  return data as Answer
}

const success = (token: string): Report => ({ token, outcome: 'success', result: 'forged' })

/** A job that is being called, and its token. */
async function underWay(queue: string) {
  const job = await scene.job(queue)
  await until(async () => (await scene.harness.currentJob(job))?.called)
  return { job, token: (await scene.harness.currentJob(job)).id as string }
}

describe('a report over RPC', () => {
  test('with the token of a job that has ended is told it is stale, and changes nothing', async () => {
    const queue = await scene.queue()
    const release = scene.holdAnswers()
    const { job, token } = await underWay(queue)
    release()
    await scene.untilEnded(queue)
    const before = await scene.harness.jobRow(job)

    const { stale } = await turn(queue, [{ token, outcome: 'failed', error: 'forged' }])

    expect(stale).toEqual([token])
    expect(await scene.harness.jobRow(job)).toEqual(before)
  })

  test('of a call whose lease is over counts, as long as nobody has taken its job back', async () => {
    const queue = await scene.queue()
    const release = scene.holdAnswers()
    await underWay(queue)
    await scene.pass('70 seconds', queue)

    release()
    await scene.untilEnded(queue)

    expect(await scene.fates(queue)).toEqual(['success 1'])
    expect(scene.witness.calls).toHaveLength(1)
  })

  test('of a call whose job was taken back does not touch the next attempt, which runs meanwhile', async () => {
    const queue = await scene.queue()
    const release = scene.holdAnswers()
    const { job, token } = await underWay(queue)
    await scene.pass('70 seconds', queue)
    await scene.sweep()
    await scene.untilCalled(2)
    const before = await scene.harness.jobRow(job)

    expect((await turn(queue, [success(token)])).stale).toEqual([token])

    expect(await scene.harness.jobRow(job)).toEqual(before)
    release()
    await scene.untilEnded(queue)
    expect(await scene.harness.jobRow(job)).toMatchObject({ status: 'success', attempts: 2, result: {} })
  })

  test("with the token of another queue's job changes nothing, and moves no worker to this queue", async () => {
    const [queue, other] = [await scene.queue(), await scene.queue()]
    const release = scene.holdAnswers()
    await underWay(queue)
    const { job, token } = await underWay(other)
    await scene.job(queue)

    const { stale, jobs } = await turn(queue, [success(token)], { room: 5 })

    expect({ stale, jobs }).toEqual({ stale: [token], jobs: [] })
    expect(await scene.harness.jobRow(job)).toMatchObject({ status: 'in_progress' })
    release()
    await scene.untilEnded(queue)
    await scene.untilEnded(other)
    expect(await scene.fates(queue)).toEqual(['success 1', 'success 1'])
    expect(await scene.fates(other)).toEqual(['success 1'])
  })

  test("with a token of another queue's job, in the name of a queue that is not there, locks no worker out", async () => {
    const queue = await scene.queue()
    const release = scene.holdAnswers()
    const { token } = await underWay(queue)

    expect((await turn(randomUUID(), [success(token)])).stale).toEqual([token])
    release()
    await scene.job(queue)
    await scene.untilEnded(queue)

    expect(await scene.fates(queue)).toEqual(['success 1', 'success 1'])
  })

  test('whose token is none is refused with the whole turn, and changes nothing', async () => {
    const queue = await scene.queue()
    const release = scene.holdAnswers()
    const { job, token } = await underWay(queue)
    const before = await scene.harness.jobRow(job)

    const { error, status } = await rpc('supaqueue_turn', {
      request: { run: randomUUID(), queue, reports: [success(token), success('not a token')] },
    })

    expect([status, error]).toMatchObject([400, { code: '22P02' }])
    expect(await scene.harness.jobRow(job)).toEqual(before)
    release()
    await scene.untilEnded(queue)
  })

  test('doubled by two turns at once counts once, and one of them is told', async () => {
    const queue = await scene.queue({ workers: 5, max_attempts: 1 })
    const release = scene.holdAnswers()
    const jobs = await scene.harness.jobs(queue, 5)
    await scene.untilCalled(5)
    const tokens: string[] = (await scene.harness.currentJobs(queue)).map(({ id }) => id)

    const [good, bad] = await Promise.all(
      (['success', 'failed'] as const).map((outcome) => turn(queue, tokens.map((token) => ({ token, outcome })))),
    )

    const told = [...good!.stale, ...good!.again, ...bad!.stale, ...bad!.again]
    expect(told.toSorted()).toEqual(tokens.toSorted())
    for (const [place, job] of jobs.entries()) {
      const token = tokens[place]!
      const won = [...good!.stale, ...good!.again].includes(token) ? 'failed' : 'success'
      expect(await scene.harness.jobRow(job)).toMatchObject({ status: won, attempts: 1 })
    }
    release()
  })

  test('racing with the sweep ends a job either way, never both, and is told which', async () => {
    // No run but ours.
    scene.stack.net!.setIntercept(() => 'drop')
    const queue = await scene.queue({ workers: 20, max_attempts: 1 })
    const sweeper = harness(await scene.connect())
    let [reported, swept] = [0, 0]

    for (let round = 0; round < 10; round++) {
      await scene.harness.jobs(queue, 20)
      const run = randomUUID()
      const tokens = (await scene.harness.take(run, queue)).map(({ current_job }) => current_job.id)
      await scene.harness.called(run, queue, tokens)
      await scene.harness.age('current_job', queue)

      const early = round % 2 === 0 && sweeper.sweep()
      const reporting = scene.harness.report(run, queue, tokens)
      const [answer, { leases_lost }] = await Promise.all([reporting, early || sweeper.sweep()])
      const { stale } = answer.again.length > 0 ? await scene.harness.report(run, queue, answer.again) : { stale: [] }

      const told = new Set([...answer.stale, ...stale])
      expect(told.size).toBe(leases_lost)
      reported += tokens.length - told.size
      swept += leases_lost
    }

    expect((await scene.fates(queue)).toSorted()).toEqual([
      ...Array(swept).fill('failed 1'),
      ...Array(reported).fill('success 1'),
    ])
    expect(reported + swept).toBe(200)
    expect(await scene.harness.freeWorkers(queue)).toBe(20)
    scene.stack.net!.setIntercept(() => 'send')
  })
})

describe('end_current_job over RPC', () => {
  test.each([
    ['an id that is not there', { cur_job_id: randomUUID(), _is_complete: true, _is_successful: true }, 'SQ404'],
    ['an id that is null', { cur_job_id: null, _is_complete: true, _is_successful: true }, 'SQ404'],
    ['no outcome', { cur_job_id: randomUUID(), _is_complete: true, _is_successful: null }, 'SQ422'],
    ['an end that is none', { cur_job_id: randomUUID(), _is_complete: false, _is_successful: true }, 'SQ422'],
  ])('with %s is an error with a hint', async (_, args, code) => {
    const { error } = await rpc('end_current_job', args)

    expect(error).toMatchObject({
      code,
      message: expect.any(String),
      hint: expect.stringMatching(/Nothing was changed\.$/),
    })
  })

  test('of a job whose lease is over and was taken back is an error; the next attempt goes on', async () => {
    const queue = await scene.queue()
    const release = scene.holdAnswers()
    const { token } = await underWay(queue)
    await scene.pass('70 seconds', queue)
    await scene.sweep()
    await scene.untilCalled(2)

    const { error } = await rpc('end_current_job', { cur_job_id: token, _is_complete: true, _is_successful: false })

    expect(error).toMatchObject({ code: 'SQ404' })
    release()
    await scene.untilEnded(queue)
    expect(await scene.fates(queue)).toEqual(['success 2'])
  })
})

import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  consume,
  type ConsumeOptions,
  type Consumer,
  type Handler,
} from '../../../../../supabase/functions/_shared/supaqueue/mod.ts'
import { blocksOf, readPage, root } from '../../../../support/markdown.ts'
import { openScene, type Scene, until } from '../../../../faults/support/scene.ts'

// A consumer in this process, and a whole stack behind it.

let scene: Scene
const consumers: Consumer[] = []

beforeAll(async () => {
  scene = await openScene()
})

afterEach(() => Promise.allSettled(consumers.splice(0).map((consumer) => consumer.stop())))

afterAll(() => scene?.close())

const Payload = z.object({ n: z.number() })

const pullQueue = async (settings = {}) => {
  const name = `pull ${randomUUID()}`
  return { name, id: await scene.queue({ name, mode: 'pull', workers: 3, ...settings }) }
}

const start = (
  queue: string,
  schema: typeof Payload,
  handler: Handler<z.output<typeof Payload>, unknown, unknown>,
  options?: ConsumeOptions,
) => {
  const env = (name: string) =>
    ({ SUPABASE_URL: scene.stack.apiUrl, SUPABASE_SECRET_KEY: scene.stack.keys.secret })[name]
  const consumer = consume(queue, schema, handler, {
    idle: 20,
    ...options,
    deps: { env, log: () => {}, ...options?.deps },
  })
  consumers.push(consumer)
  return consumer
}

describe('a consumer', () => {
  test('does every job once, and no more at once than it was told', async () => {
    const { name, id } = await pullQueue({ workers: 10 })
    let [running, most] = [0, 0]
    const seen: number[] = []
    await scene.harness.jobs(id, 12)

    start(name, Payload, async ({ n }) => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setImmediate(resolve))
      running--
      seen.push(n)
      return { twice: 2 * n }
    }, { concurrency: 2 })
    await scene.untilEnded(id)

    expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, n) => n + 1))
    expect(most).toBe(2)
    expect((await scene.jobs(id)).map(({ result }) => result)).toEqual(
      Array.from({ length: 12 }, (_, n) => ({ twice: 2 * n + 2 })),
    )
  })

  test('works in steps, and has its hands free while they wait', async () => {
    const { name, id } = await pullQueue({ workers: 1 })
    const [job, other] = await scene.harness.jobs(id, 2) as [number, number]
    const ran: string[] = []
    const waiting = async () =>
      (await scene.db.query(`select from supaqueue.step where job = $1 and status = 'waiting'`, [job])).rowCount === 1

    start(name, Payload, async ({ n }, job) => {
      if (n === 2) return 'meanwhile'
      await job.step('a', () => void ran.push('a'))
      await job.sleep('nap', 20)
      const answer = await job.waitFor('answer')
      await job.step('b', () => void ran.push('b'))
      return answer
    })
    await until(async () => (await scene.harness.jobRow(other)).status === 'success' && await waiting())
    await scene.db.query(`select supaqueue.signal($1, 'answer', '42')`, [job])
    await scene.untilEnded(id)

    expect((await scene.jobs(id)).map(({ result }) => result)).toEqual([42, 'meanwhile'])
    expect(ran).toEqual(['a', 'b'])
  })

  test('knows its job, and says what becomes of it', async () => {
    const { name, id } = await pullQueue({ max_attempts: 5 })
    await scene.harness.jobs(id, 4)
    const known: unknown[] = []

    start(name, Payload, ({ n }, job) => {
      known.push([n, job.attempt, job.queue])
      if (n === 1) return job.kill('never')
      if (n === 2 && job.attempt === 1) throw new Error('once')
      if (n === 3) return job.reschedule({ at: '2199-01-01T00:00:00Z' })
      return 'done'
    })
    await until(async () => {
      await scene.sweep()
      return (await scene.fates(id)).join() === 'failed 1,success 2,pending 0,success 1'
    })

    expect(known).toContainEqual([2, 2, name])
    expect((await scene.jobs(id))[0]!.error).toBe('never')
  })

  test('tells each end: cleaned of what jsonb refuses, or rejected with the reason', async () => {
    const { name, id } = await pullQueue({ max_attempts: 1 })
    await scene.harness.jobs(id, 5)

    start(name, Payload, async ({ n }, job) => {
      if (n === 1) return { text: 'a\0b', ['half \ud800']: '\udc00 🎉' }
      if (n === 2) throw new Error('no such byte: \0')
      if (n === 3) return job.continueWith('x'.repeat(300_000))
      if (n === 4) return JSON.parse('['.repeat(600) + ']'.repeat(600))
      await job.progress(50, 'half\0way \ud800')
      return 'done'
    }, { concurrency: 5 })
    await scene.untilEnded(id)

    const jobs = await scene.jobs(id)
    expect(jobs.map(({ status }) => status)).toEqual(['success', 'failed', 'failed', 'failed', 'success'])
    expect(jobs[0]!.result).toEqual({ text: 'ab', ['half \ufffd']: '\ufffd 🎉' })
    expect(jobs.map(({ error }) => error)).toEqual([
      null,
      expect.stringMatching(/^no such byte:/),
      expect.stringMatching(/state/),
      expect.stringMatching(/nest|deep/),
      null,
    ])
    expect((await scene.harness.jobRow(jobs[4]!.id)).progress_note).toBe('halfway \ufffd')
  })

  test('fails a payload that does not fit at once', async () => {
    const { name, id } = await pullQueue()
    await scene.job(id, { n: 'seven' })

    start(name, Payload, () => 'never reached')
    await scene.untilEnded(id)

    expect(await scene.fates(id)).toEqual(['failed 1'])
    expect((await scene.jobs(id))[0]!.error).toMatch(/^the payload does not fit: n: /)
  })

  test('keeps a job for as long as its handler works', async () => {
    const { name, id } = await pullQueue({ workers: 1 })
    const job = await scene.job(id, { n: 1 })
    let release = () => {}
    const held = new Promise<void>((resolve) => release = resolve)

    start(name, Payload, () => held, { lease: 600 })
    await until(async () => (await scene.harness.currentJob(job)) !== undefined)
    const first = (await scene.harness.currentJob(job)).lease_until
    await until(async () => (await scene.harness.currentJob(job)).lease_until > new Date(Number(first) + 900))
    await scene.sweep()
    release()
    await scene.untilEnded(id)

    expect(await scene.fates(id)).toEqual(['success 1'])
  })

  test('takes only the version that it knows', async () => {
    const { name, id } = await pullQueue()
    await scene.db.query(
      `insert into supaqueue.job (queue, payload, version) values ($1, '{"n": 1}', 1), ($1, '{"n": 2}', 2)`,
      [id],
    )

    start(name, Payload, (_, job) => job.version, { version: 2 })
    await until(async () => (await scene.fates(id)).includes('success 1'))

    expect(await scene.jobs(id)).toMatchObject([{ status: 'pending' }, { status: 'success', result: '2' }])
  })

  test('that is stopped finishes what it has, and takes nothing more', async () => {
    const { name, id } = await pullQueue({ workers: 1 })
    await scene.harness.jobs(id, 2)
    let release = () => {}
    const held = new Promise<void>((resolve) => release = resolve)

    const consumer = start(name, Payload, () => held)
    await until(async () => (await scene.fates(id)).includes('in_progress 1'))
    const stopped = consumer.stop()
    release()
    await stopped

    expect(await scene.fates(id)).toEqual(['success 1', 'pending 0'])
  })

  test('goes on when the database did not answer', async () => {
    const { name, id } = await pullQueue()
    let failures = 3
    const logged: unknown[] = []

    start(name, Payload, () => null, {
      deps: {
        log: (reason) => logged.push(reason),
        fetch: (...request) => failures-- > 0 ? Promise.reject(new TypeError('no network')) : fetch(...request),
      },
    })
    await scene.job(id, { n: 1 })
    await scene.untilEnded(id)

    expect(logged).toHaveLength(3)
    expect(await scene.fates(id)).toEqual(['success 1'])
  })

  test('ends with the reason when the queue is not there, or is called', async () => {
    const called = await scene.harness.queue({ name: `called ${randomUUID()}` })

    await expect(start('nobody', Payload, () => null).ended).rejects.toMatchObject({
      code: 'SQ404',
      hint: expect.stringMatching(/\S/),
    })
    await expect(start(called, Payload, () => null).ended).rejects.toMatchObject({ code: 'SQ409' })
  })
})

test('the consumer of the page does jobs in a process of its own, and stops when it is told to', async () => {
  const kit = 'supabase/functions/_shared/supaqueue'
  const program =
    blocksOf(readPage('docs/kit/elsewhere.md')).find(({ code }) => code.startsWith('// consumer.ts'))!.code
  mkdirSync(join(root, '.supaqueue'), { recursive: true })
  const folder = mkdtempSync(join(root, '.supaqueue/consumer-'))
  try {
    cpSync(join(root, kit), join(folder, 'supaqueue'), { recursive: true })
    writeFileSync(join(folder, 'consumer.ts'), program)
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    const queue = await scene.queue({ name: 'texts', mode: 'pull', workers: 3 })
    await scene.job(queue, { text: 'Ada' })

    const consumer = spawn(process.execPath, ['--import', 'tsx', join(folder, 'consumer.ts')], {
      cwd: root,
      env: { ...process.env, SUPABASE_URL: scene.stack.apiUrl, SUPABASE_SECRET_KEY: scene.stack.keys.secret },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const gone = once(consumer, 'exit')
    await scene.untilEnded(queue)
    consumer.kill('SIGTERM')

    expect(await gone).toEqual([0, null])
    expect((await scene.jobs(queue))[0]).toMatchObject({ status: 'success', result: { letters: 3 } })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

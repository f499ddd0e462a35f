import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, vi } from 'vitest'
import { verify as verifyCall } from '../../supabase/functions/_shared/supaqueue/verify.ts'
import { makeHandle } from '../../supabase/functions/supaqueue/wake/handle.ts'
import { makeVerify } from '../../supabase/functions/supaqueue/signature/verify.ts'
import { type Harness, harness as harnessOf, test } from '../support/harness.ts'
import type { TestDatabase } from '../support/database.ts'
import { nobody } from './nobody.ts'

// Everybody who may log in reads what pg_net is about to send, signatures and all, and can send it again.

type Copy = { headers: Record<string, string>; body: string }

async function scene(database: TestDatabase) {
  const stranger = await nobody(database)
  const harness = harnessOf(await database.connect())
  const queue = await harness.queue({ workers: 1 })
  const owner = await database.connect('owner')
  const { rows: [{ secret }] } = await owner.query(
    `select decrypted_secret as secret from vault.decrypted_secrets where name = 'supaqueue_secret'`,
  )
  await harness.job(queue)
  const { rows: copies } = await stranger.query(
    `select headers, convert_from(body, 'utf8') as body from net.http_request_queue`,
  )
  return { stranger, harness, queue, owner, secret: secret as string, copy: copies[0] as Copy }
}

/** An isolate of the dispatcher: what it has seen, nobody else knows. Its runs are those of a real database. */
function isolate(harness: Harness, secret: string, now = Date.now) {
  const verify = makeVerify({ now, skew: () => Promise.resolve(0) })
  const started: string[] = []
  const handle = makeHandle(() => ({
    verify: (request, body) => verify(request, body, [secret]),
    start({ queue }) {
      started.push(queue)
      return randomUUID()
    },
  }))
  return {
    started,
    send: async ({ headers, body }: Copy) =>
      (await handle(new Request('http://x.test/supaqueue', { method: 'POST', headers, body }))).status,
    /** What a run does first, which nothing follows when it is told to leave. */
    run: (queue: string) => harness.turn(randomUUID(), queue, { hello: true, room: 25, sleepy: true }),
  }
}

describe('who copies a wake-up', () => {
  test('learns a queue by its id, and nothing else', async ({ ownDatabase }) => {
    const { copy, secret, queue } = await scene(ownDatabase)

    expect(Object.keys(JSON.parse(copy.body)).sort()).toEqual(['nonce', 'queue'])
    expect(JSON.parse(copy.body).queue).toBe(queue)
    expect(Object.keys(copy.headers).sort()).toEqual(['content-type', 'supaqueue-signature', 'supaqueue-timestamp'])
    expect(JSON.stringify(copy)).not.toContain(secret)
  })

  test('sends it to an isolate that had it in vain', async ({ ownDatabase }) => {
    const { harness, secret, copy } = await scene(ownDatabase)
    const { send, started } = isolate(harness, secret)

    expect([await send(copy), await send(copy), await send(copy)]).toEqual([202, 409, 409])
    expect(started).toHaveLength(1)
  })

  test('has another isolate take one turn for it, in which nothing is begun that was not due, and leave', async ({ ownDatabase }) => {
    const { harness, secret, copy, queue } = await scene(ownDatabase)
    const [first, second] = [isolate(harness, secret), isolate(harness, secret)]
    await first.send(copy)
    const { jobs, leader } = await first.run(queue)
    expect([jobs.length, leader]).toEqual([1, true])

    expect(await second.send(copy)).toBe(202)

    expect(await second.run(queue)).toMatchObject({ jobs: [], state: 'leave', leader: false })
    expect(await harness.currentJobs(queue)).toHaveLength(1)
    expect((await harness.jobRow(Number(jobs[0]!.job.id))).attempts).toBe(1)
  })

  test('and has it find a queue asleep, and let it sleep on', async ({ ownDatabase }) => {
    const { harness, secret, copy, queue } = await scene(ownDatabase)
    const [first, second] = [isolate(harness, secret), isolate(harness, secret)]
    await first.send(copy)
    const run = randomUUID()
    const taken = await harness.take(run, queue)
    await harness.report(run, queue, taken.map(({ current_job }) => current_job.id))
    await harness.sleep(queue, run)
    const before = await harness.db.query('select to_jsonb(job) as row from supaqueue.job order by id')

    await second.send(copy)

    expect(await second.run(queue)).toMatchObject({ jobs: [], state: 'asleep' })
    expect(await harness.db.query('select to_jsonb(job) as row from supaqueue.job order by id')).toMatchObject({
      rows: before.rows,
    })
  })

  test('can do so for five minutes', async ({ ownDatabase }) => {
    const { harness, secret, copy } = await scene(ownDatabase)
    const later = (seconds: number) => () => Number(copy.headers['supaqueue-timestamp']) * 1000 + seconds * 1000

    expect(await isolate(harness, secret, later(299)).send(copy)).toBe(202)
    expect(await isolate(harness, secret, later(301)).send(copy)).toBe(403)
    expect(await isolate(harness, secret, later(-301)).send(copy)).toBe(403)
  })

  test('changes nothing in it unseen', async ({ ownDatabase }) => {
    const { harness, secret, copy } = await scene(ownDatabase)
    const { send, started } = isolate(harness, secret)
    const { headers, body } = copy
    const other = JSON.stringify({ ...JSON.parse(body), queue: randomUUID() })

    for (
      const forged of [
        { headers, body: other },
        { headers, body: `${body} ` },
        { headers: { ...headers, 'supaqueue-timestamp': `${headers['supaqueue-timestamp']}.0` }, body },
        { headers: { ...headers, 'supaqueue-signature': `v1=${'0'.repeat(64)}` }, body },
        { headers: { ...headers, 'supaqueue-signature': headers['supaqueue-signature']!.replace('v1', 'v2') }, body },
      ]
    ) expect(await send(forged)).toBe(401)
    expect(started).toEqual([])
  })

  test('calls no function with its signature, and wakes nobody by the signature of a call', async ({ ownDatabase }) => {
    const { harness, secret, copy } = await scene(ownDatabase)
    const [timestamp, hex] = [copy.headers['supaqueue-timestamp']!, copy.headers['supaqueue-signature']!.slice(3)]
    const signature = `v1,${Buffer.from(hex, 'hex').toString('base64')}`
    for (const [id, body] of [[timestamp, copy.body], ['1', copy.body], [`${timestamp}.`, copy.body]] as const) {
      const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature }
      await expect(verifyCall({ headers, body }, secret)).rejects.toMatchObject({ code: 'SQ401' })
    }

    // What a function was called with, whose job somebody chose: its id is a number, as a time is.
    const called = `17.${timestamp}.${copy.body}`
    const key = await crypto.subtle.importKey(
      'raw',
      new TextEncoder().encode(secret),
      { name: 'HMAC', hash: 'SHA-256' },
      false,
      ['sign'],
    )
    const mac = Buffer.from(await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(called))).toString('hex')
    const { send, started } = isolate(harness, secret)
    for (const [at, body] of [['17', `${timestamp}.${copy.body}`], [`17.${timestamp}`, copy.body]] as const) {
      expect([401, 403]).toContain(
        await send({ headers: { 'supaqueue-timestamp': at, 'supaqueue-signature': `v1=${mac}` }, body }),
      )
    }
    expect(started).toEqual([])
  })
})

describe('who has no signature', () => {
  afterEach(() => vi.useRealTimers())

  /** A body that never ends, and how much of it was asked for. */
  function endless(chunk = 1024, pause = 0) {
    let bytes = 0
    const body = new ReadableStream({
      async pull(controller) {
        if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause))
        bytes += chunk
        controller.enqueue(new Uint8Array(chunk))
      },
    }, { highWaterMark: 0 })
    return { body, read: () => bytes }
  }
  const post = (body: ReadableStream, headers = {}) => {
    const verify = vi.fn(() => Promise.reject(new Error('never')))
    const handle = makeHandle(() => ({ verify, start: () => 'a run' }))
    const answer = handle(
      new Request('http://x.test/', { method: 'POST', headers, body, duplex: 'half' } as RequestInit),
    )
    return { answer, verify }
  }
  const forged = { 'supaqueue-timestamp': '1800000000', 'supaqueue-signature': `v1=${'0'.repeat(64)}` }

  test('has nothing read of what he sends', async () => {
    const { body, read } = endless()

    expect((await post(body).answer).status).toBe(401)
    expect(read()).toBe(0)
  })

  test('has no more than four kilobytes read when he forges one, and nothing computed', async () => {
    const { body, read } = endless()
    const { answer, verify } = post(body, forged)

    expect((await answer).status).toBe(413)
    expect(read()).toBeLessThanOrEqual(5 * 1024)
    expect(verify).not.toHaveBeenCalled()
  })

  test('is waited for five seconds when he takes his time', async () => {
    vi.useFakeTimers()
    const { body } = endless(1, 1000)
    const { answer, verify } = post(body, forged)
    await vi.advanceTimersByTimeAsync(5000)

    expect((await answer).status).toBe(408)
    expect(verify).not.toHaveBeenCalled()
  })
})

describe('who may change what pg_net is about to send', () => {
  test('takes wake-ups away in vain: the sweep sends others', async ({ ownDatabase }) => {
    const { harness, queue } = await scene(ownDatabase)
    // Up to 0.20.5 pg_net lets every role do so.
    await (await ownDatabase.connect('admin')).query('delete from net.http_request_queue')
    await harness.db.query(
      `update supaqueue.heartbeat set woken_at = woken_at - interval '1 minute', awake_until = null`,
    )

    await harness.sweep()

    expect(await harness.wakeUps(queue)).toBe(1)
  })
})

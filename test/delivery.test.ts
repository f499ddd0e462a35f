import { createHmac } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openScene, type Scene, until } from './faults/support/scene.ts'
import { openTarget, type Target } from './faults/support/target.ts'

// What becomes of calls, on a whole stack: Postgres, REST, the dispatcher, functions that use the kit, and URLs.

let scene: Scene
const targets: Target[] = []

const open = async (...told: Parameters<typeof openTarget>) => {
  const target = await openTarget(...told)
  targets.push(target)
  return target
}

beforeAll(async () => {
  scene = await openScene()
  await scene.harness.setting('allow_private_targets', 'on')
})

afterEach(async () => {
  scene.witness.forget()
  await Promise.all(targets.splice(0).map((target) => target.close()))
})

afterAll(() => scene?.close())

/** A queue for a URL, which the verbs of the harness do not know. */
const urlQueue = async (url: string, settings: Record<string, unknown> = {}, workers = 2): Promise<string> => {
  const columns = { name: `${url} ${Math.random()}`, url, retry_base_ms: 10, retry_max_ms: 20, ...settings }
  const names = Object.keys(columns)
  const { rows: [queue] } = await scene.db.query(
    `insert into supaqueue.queue (${names}) values (${names.map((_, place) => `$${place + 1}`)}) returning id`,
    Object.values(columns),
  )
  await scene.harness.workers(queue.id, workers)
  return queue.id
}

const attempts = async (queue: string) => {
  const { rows } = await scene.db.query(
    `select attempt.* from supaqueue.attempt join supaqueue.job on job.id = attempt.job where job.queue = $1 order by attempt.id`,
    [queue],
  )
  return rows
}

describe('a URL', () => {
  test('is called as the queue and the job say, signed, and never sees a key of the project', async () => {
    const target = await open((response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"got":1}')
    )
    await scene.db.query(`select vault.create_secret('s3cret-of-the-shop', 'shop_key')`)
    const queue = await urlQueue(`${target.origin}/orders?shop=7`, {
      method: 'PUT',
      default_headers: { authorization: 'vault:shop_key', 'x-team': 'mail', 'x-kind': 'order' },
      opens: ['PUT /orders', 'header x-kind'],
    })

    await scene.db.query(
      `insert into supaqueue.job (queue, payload, headers, query) values ($1, '{"n": 12345678901234567890}', '{"x-kind": "urgent"}', '{"dry": true}')`,
      [queue],
    )
    await scene.untilEnded(queue)

    const [visit] = target.visits
    expect(visit).toMatchObject({ method: 'PUT', path: '/orders?shop=7&dry=true' })
    expect(visit!.body.toString()).toBe('{"n": 12345678901234567890}')
    expect(visit!.headers).toMatchObject({ authorization: 's3cret-of-the-shop', 'x-team': 'mail', 'x-kind': 'urgent' })
    for (const secret of [...Object.values(scene.stack.keys), scene.stack.secret]) {
      expect(visit!.raw.join('\n')).not.toContain(secret)
    }
    const { rows: [vault] } = await scene.db.query(
      `select decrypted_secret as secret from vault.decrypted_secrets where name = 'supaqueue_webhook_secret_' || $1`,
      [queue],
    )
    const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = visit!.headers
    const key = Buffer.from(vault.secret.replace('whsec_', ''), 'base64')
    const signed = createHmac('sha256', key).update(`${id}.${at}.`).update(visit!.body).digest('base64')
    expect(signature).toBe(`v1,${signed}`)
    expect((await scene.jobs(queue))[0]).toMatchObject({ status: 'success', result: { got: 1 } })
  })

  test('in a network of our own is refused, with the reason, unless a setting allows it', async () => {
    const target = await open((response) => response.end())
    await scene.harness.setting('allow_private_targets', 'off')
    try {
      const queue = await urlQueue(target.origin)
      await scene.job(queue)
      await scene.untilEnded(queue)

      expect(target.visits).toEqual([])
      expect((await scene.jobs(queue))[0]).toMatchObject({ status: 'failed', attempts: 1 })
      expect((await scene.jobs(queue))[0]!.error).toMatch(/127\.0\.0\.1/)
    } finally {
      await scene.harness.setting('allow_private_targets', 'on')
    }
  })

  test('that answers 429 for a while costs no attempt, is left alone, and recovers by itself', async () => {
    let closed = true
    let refused = 0
    const target = await open((response) => {
      if (!closed) return response.writeHead(200).end()
      refused++
      return response.writeHead(429, { 'retry-after': '1' }).end('slow down')
    })
    const queue = await urlQueue(target.origin, {}, 10)
    await scene.harness.jobs(queue, 40)

    // Until it opens, jobs begin as workers are free; a turn that had looked before may begin some after that. How many
    // depends on how fast the answers come. From the second opening on there are none of them.
    await until(async () => (await circuitOf(queue)).openings >= 2)
    const opened = { calls: target.visits.length, openings: (await circuitOf(queue)).openings }
    await until(async () => (await circuitOf(queue)).openings >= opened.openings + 1)
    const calls = target.visits.length
    const { reason } = await circuitOf(queue)
    closed = false
    // Nobody may help but the sweep, which comes every ten seconds in life.
    await until(async () => {
      await scene.sweep()
      return (await scene.jobs(queue)).every(({ status }) => status === 'success')
    })

    expect(reason).toContain('429')
    // One after each pause; runs that look at the very same moment may each try one.
    expect(calls - opened.calls).toBeLessThanOrEqual(5)
    expect(new Set(await scene.fates(queue))).toEqual(new Set(['success 1']))
    expect(await circuitOf(queue)).toMatchObject({ failures: 0, openings: 0, open_until: null, reason: null })
    expect((await attempts(queue)).every(({ outcome, status }) => outcome === 'deferred' && status === 429)).toBe(true)
    expect(await attempts(queue)).toHaveLength(refused)
  })

  async function circuitOf(queue: string) {
    const { rows: [circuit] } = await scene.db.query(
      `select circuit.* from supaqueue.queue join supaqueue.circuit on circuit.target = supaqueue_internal.target_of(queue)
       where queue.id = $1`,
      [queue],
    )
    return circuit ?? { failures: 0, openings: 0, open_until: null, reason: null }
  }
})

describe('the history of a job', () => {
  test('tells of every attempt that failed, without secrets', async () => {
    const target = await open((response, { headers }) =>
      response.writeHead(500, { 'set-cookie': 'session=abc', 'x-echo': String(headers.authorization) })
        .end(JSON.stringify({ message: 'broken', password: 'hunter22', echo: headers.authorization }))
    )
    await scene.db.query(`select vault.create_secret('the-key-of-the-partner', 'partner_key')`)
    const queue = await urlQueue(target.origin, {
      default_headers: { authorization: 'vault:partner_key' },
      redact: ['password'],
      max_attempts: 2,
    })

    await scene.job(queue)
    await scene.untilEnded(queue)

    const rows = await attempts(queue)
    expect(rows).toMatchObject(
      [1, 2].map((attempt) => ({ attempt, outcome: 'failed', status: 500, run: expect.any(String) })),
    )
    expect(rows[0].head).toContain('HTTP')
    const stored = JSON.stringify([rows, await scene.jobs(queue)])
    expect(stored).toContain('broken')
    for (const secret of ['the-key-of-the-partner', 'hunter22', 'session=abc']) expect(stored).not.toContain(secret)
  })
})

describe('a function that uses the kit', () => {
  const queueFor = async (fn: string, settings = {}) =>
    await scene.harness.queue({ edge_function_name: fn, workers: 1, retry_base_ms: 10, retry_max_ms: 20, ...settings })

  test('does in slices what one call could not, and no slice uses an attempt', async () => {
    const queue = await queueFor('import-rows')

    const job = await scene.job(queue, { rows: Array.from({ length: 7 }, () => ({ amount: 2 })), at_once: 2 })
    await scene.untilEnded(queue)

    expect(await scene.fates(queue)).toEqual(['success 1'])
    const { rows: [row] } = await scene.db.query('select * from supaqueue.job where id = $1', [job])
    expect(row).toMatchObject({ result: { imported: 7, total: 14 }, state: null, progress_note: '6 of 7 rows' })
    expect((await attempts(queue)).map(({ outcome }) => outcome)).toEqual(['continued', 'continued', 'continued'])
  })

  test('reports later, and survives that the dispatcher dies three times', async () => {
    const queue = await queueFor('render-report')

    await scene.job(queue, { pages: 12, page_ms: 500 })
    for (let death = 0; death < 3; death++) {
      await until(async () => (await progress(queue)) >= (death + 1) * 20)
      await scene.stack.edge.killFunction('supaqueue')
      await scene.job(await queueFor('hello'))
      await until(() => scene.stack.edge.running().includes('supaqueue'))
    }
    await scene.untilEnded(queue)

    expect(await scene.fates(queue)).toEqual(['success 1'])
    expect((await scene.jobs(queue))[0]!.result).toEqual({ pages: 12 })
    expect(await attempts(queue)).toEqual([])
  })

  test('that dies while it works by itself is begun again when its lease is over', async () => {
    const queue = await queueFor('render-report')
    await scene.job(queue, { pages: 40, page_ms: 500 })
    await until(async () => (await progress(queue)) > 0)

    await scene.stack.edge.killFunction('render-report')
    await scene.db.query(`update supaqueue.job set payload = '{"pages": 1}' where queue = $1`, [queue])
    await scene.pass('2 days', queue)
    await scene.sweep()
    await scene.untilEnded(queue)

    expect(await scene.fates(queue)).toEqual(['success 2'])
    expect(await attempts(queue)).toMatchObject([{ attempt: 1, outcome: 'unknown' }])
  })

  test('puts a job off without using an attempt, and gives another up at once', async () => {
    const queue = await queueFor('await-payment')

    const waits = await scene.job(queue, { order: 'A', paid_at: '2199-01-01T00:00:00Z' })
    const refused = await scene.job(queue, { order: 'B', refused: true })
    await until(async () => (await scene.jobs(queue)).every(({ status }) => status !== 'in_progress'))
    await until(async () => (await scene.fates(queue)).join() === 'pending 0,failed 1')

    const { rows } = await scene.db.query('select id, run_at, error from supaqueue.job where queue = $1 order by id', [
      queue,
    ])
    expect(rows).toMatchObject([{ id: waits, run_at: new Date('2199-01-01T00:00:00Z'), error: null }, { id: refused }])
    expect(rows[1].error).toContain('refused the payment of order B')
  })

  test('fails a payload that does not fit without trying again', async () => {
    const queue = await queueFor('send-welcome')

    await scene.job(queue, { email: 'no address', name: 'Ada' })
    await scene.untilEnded(queue)

    expect(await scene.fates(queue)).toEqual(['failed 1'])
    expect((await scene.jobs(queue))[0]!.error).toContain('email')
  })

  test('parks what it does not know yet, until somebody releases it, and is told which version it is', async () => {
    const target = await open((response, { headers }) =>
      headers['supaqueue-version'] === '3'
        ? response.writeHead(200, { 'supaqueue-outcome': 'park' }).end('{"message": "version 3 is not known here"}')
        : response.end('{}')
    )
    const queue = await urlQueue(target.origin, { heeds: ['park'] })
    await scene.db.query(`insert into supaqueue.job (queue, version) values ($1, 2), ($1, 3)`, [queue])

    await until(async () => (await scene.fates(queue)).join() === 'success 1,held 0')
    const [, parked] = await scene.jobs(queue)
    await scene.db.query(
      `update supaqueue.job set status = 'pending', version = 2 where queue = $1 and status = 'held'`,
      [queue],
    )
    await scene.untilEnded(queue)

    expect(parked!.error).toBe('version 3 is not known here')
    expect(await scene.fates(queue)).toEqual(['success 1', 'success 1'])
    expect((await attempts(queue)).map(({ outcome }) => outcome)).toEqual(['parked'])
  })

  test('is not to be had by strangers', async () => {
    const { rows: [{ value: url }] } = await scene.db.query(
      `select value from supaqueue.setting where name = 'functions_url'`,
    )

    const response = await fetch(`${url}/send-welcome`, {
      method: 'POST',
      headers: { apikey: scene.stack.keys.secret, 'content-type': 'application/json' },
      body: '{"email": "ada@example.com", "name": "Ada"}',
    })

    expect(response.status).toBe(401)
  })

  async function progress(queue: string): Promise<number> {
    const { rows: [job] } = await scene.db.query('select progress_percent from supaqueue.job where queue = $1', [queue])
    return Number(job.progress_percent ?? 0)
  }
})

test('a stale attempt cannot commit its effects', async () => {
  const queue = await scene.queue()
  await scene.db.query('create table if not exists public.invoice (job bigint)')
  await scene.db.query(`
    create or replace function public.write_invoice(token uuid, job bigint) returns void language plpgsql as $$
    begin
      perform supaqueue.assert_lease(token);
      insert into public.invoice values (job);
    end $$`)
  const release = scene.holdAnswers()
  const job = await scene.job(queue)
  await scene.untilCalled(1)
  const stale = scene.witness.calls[0]!.headers['supaqueue-current-job']
  await scene.pass('70 seconds', queue)
  await scene.sweep()
  await scene.untilCalled(2)
  const valid = scene.witness.calls[1]!.headers['supaqueue-current-job']

  const tried = await Promise.allSettled(
    [stale, valid].map((token) => scene.db.query('select public.write_invoice($1, $2)', [token, job])),
  )
  release()
  await scene.untilEnded(queue)

  expect(tried).toMatchObject([{ status: 'rejected', reason: { code: 'SQ404' } }, { status: 'fulfilled' }])
  expect((await scene.db.query('select job from public.invoice')).rows).toEqual([{ job }])
})

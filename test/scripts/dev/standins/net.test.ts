import type pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type NetWorker, startNetWorker } from '../../../../scripts/dev/standins/net/worker.ts'
import { receiver } from '../support/receiver.ts'
import { refusal, standing, value } from '../support/standing.ts'
import { until } from '../../../support/until.ts'

describe('the stand-in for pg_net', () => {
  let harness: Awaited<ReturnType<typeof standing>>
  let owner: pg.Client
  let target: Awaited<ReturnType<typeof receiver>>
  let worker: NetWorker

  const start = async (pacing: boolean, timeouts = true) => {
    worker = await startNetWorker({ databaseUrl: harness.postgres.adminUrl, pacing, timeouts })
  }
  const post = (path: string, timeoutMs = 5000) =>
    value<string>(
      owner,
      `select net.http_post($1, '{"say": "é"}', headers => '{"x-one": "1"}', timeout_milliseconds => $2)`,
      [target.url + path, timeoutMs],
    )
  const answer = (id: string) =>
    until(async () => (await owner.query('select * from net._http_response where id = $1', [id])).rows[0])
  const isQueued = (id: string) =>
    value<boolean>(owner, 'select exists (select from net.http_request_queue where id = $1)', [id])

  beforeAll(async () => {
    harness = await standing(17)
    owner = await harness.connect(harness.postgres.ownerUrl)
  })
  afterAll(() => harness.close())

  beforeEach(async () => {
    await owner.query('truncate net.http_request_queue, net._http_response')
    target = await receiver()
  })
  afterEach(async () => {
    await worker?.stop()
    await target.close()
  })

  test('sends the body as text, with the headers given and the content type', async () => {
    await start(true)

    const answered = await answer(await post('/a'))

    expect(target.received).toMatchObject([
      {
        path: '/a',
        method: 'POST',
        body: '{"say": "é"}',
        headers: { 'x-one': '1', 'content-type': 'application/json' },
      },
    ])
    expect(answered).toMatchObject({
      status_code: 200,
      content_type: 'text/plain',
      content: 'thanks',
      timed_out: false,
    })
  })

  test('encodes parameters into the address', async () => {
    await start(true)

    await answer(await value(owner, `select net.http_get($1, '{"q": "a b/ü"}')`, [`${target.url}/find?k=1`]))

    expect(target.received).toMatchObject([{ method: 'GET', path: '/find?k=1&q=a%20b%2F%C3%BC', body: '' }])
  })

  test('sends nothing before the commit', async () => {
    await start(false)
    await owner.query('begin')
    const early = await post('/early')
    await answerOfAnother()

    expect(target.paths()).toEqual(['/other'])
    await owner.query('commit')

    await answer(early)
    expect(target.paths()).toEqual(['/other', '/early'])
  })

  test('sends nothing of a transaction that is rolled back', async () => {
    await start(false)
    await owner.query('begin')
    await post('/never')
    await owner.query('rollback')
    await answerOfAnother()

    expect(target.paths()).toEqual(['/other'])
  })

  test('answers nobody before the slowest of a batch has ended', async () => {
    await start(true)
    await worker.pause()
    const [slow, quick] = [await post('/hold'), await post('/quick')]
    worker.resume()
    await until(() => target.received.length === 2 && target.heldBack() === 1)

    // Another session would see a response as soon as it is committed; so it asks for the lock the batch still holds.
    expect(await value(owner, 'select count(*)::integer from net._http_response')).toBe(0)
    expect(await isQueued(quick)).toBe(true)
    target.release()

    expect(await answer(quick)).toMatchObject({ content: 'thanks' })
    expect(await answer(slow)).toMatchObject({ content: 'at last' })
  })

  test('without pacing, waits for nobody', async () => {
    await start(false)
    await worker.pause()
    const [slow, quick] = [await post('/hold'), await post('/quick')]
    worker.resume()

    expect(await answer(quick)).toMatchObject({ content: 'thanks' })
    target.release()
    expect(await answer(slow)).toMatchObject({ content: 'at last' })
  })

  test('takes no more than 200 requests into a batch', async () => {
    await start(true)
    await worker.pause()
    await owner.query(`select net.http_post($1) from generate_series(1, 201)`, [`${target.url}/hold`])
    worker.resume()
    await until(() => target.heldBack() === 200)

    expect(worker.counts()).toMatchObject({ batches: 1, taken: 200 })
    target.release()
    await until(() => target.heldBack() === 1)
    expect(worker.counts()).toMatchObject({ batches: 2, taken: 201 })
    target.release()
  })

  test('sends a batch again when it is killed in the middle of it', async () => {
    await start(true)
    const id = await post('/hold')
    await until(() => target.heldBack() === 1)

    await worker.kill()
    expect(await isQueued(id)).toBe(true)
    await until(() => target.received.length === 2)
    target.release()

    await answer(id)
    expect(target.paths()).toEqual(['/hold', '/hold'])
  })

  test('sends a batch again when anybody asks it to restart', async () => {
    await start(true)
    await post('/hold')
    await until(() => target.heldBack() === 1)

    const anon = await harness.connect(harness.postgres.ownerUrl)
    await anon.query('set role anon')
    expect(await value(anon, 'select net.worker_restart()')).toBe(true)

    await until(() => target.received.length === 2)
    target.release()
  })

  test.each([
    ['/fail', { status_code: 500, error_msg: null }],
    ['/cut', { status_code: null, error_msg: expect.stringContaining('fetch failed'), timed_out: false }],
  ])('sends %s once, though it fails', async (path, expected) => {
    await start(true)

    expect(await answer(await post(path))).toMatchObject(expected)
    await answerOfAnother()

    expect(target.paths()).toEqual([path, '/other'])
  })

  test('gives a request up after its own timeout, for good', async () => {
    await start(true)

    const late = await answer(await post('/hold', 50))
    await answerOfAnother()

    expect(late).toMatchObject({ timed_out: true, status_code: null, error_msg: expect.stringContaining('50 ms') })
    expect(target.paths()).toEqual(['/hold', '/other'])
  })

  test('gives none up where it has no timeouts', async () => {
    await start(false, false)

    const late = await post('/hold', 1)
    await answerOfAnother()
    target.release()

    expect(await answer(late)).toMatchObject({ timed_out: false, status_code: 200 })
  })

  test.each(['anon', 'authenticated', 'service_role'])(
    'lets %s read what is queued, headers included',
    async (role) => {
      await post('/secret')
      const reader = await harness.connect(harness.postgres.ownerUrl)
      await reader.query(`set role ${role}`)

      expect(await value(reader, 'select headers from net.http_request_queue')).toMatchObject({ 'x-one': '1' })
    },
  )

  test('takes no other content type', async () => {
    const headers = `headers => '{"content-type": "text/plain"}'`

    expect(await refusal(owner, `select net.http_post('http://127.0.0.1', ${headers})`)).toMatchObject({
      message: 'Content-Type header must be "application/json"',
    })
  })

  test('says whether the worker is up', async () => {
    expect(await refusal(owner, 'select net.check_worker_is_up()')).toMatchObject({
      message: 'the pg_net background worker is not up',
    })
    await start(true)

    await owner.query('select net.wait_until_running(), net.check_worker_is_up()')
  })

  test('can lose a request, double it, or send it late', async () => {
    await start(false)
    worker.setIntercept(({ url }) => {
      if (url.endsWith('/lost')) return 'drop'
      if (url.endsWith('/twice')) return 'double'
      return url.endsWith('/late') ? { delayMs: 20 } : 'send'
    })

    await post('/lost')
    await answer(await post('/twice'))
    await answer(await post('/late'))

    expect(target.paths()).toEqual(['/twice', '/twice', '/late'])
    expect(worker.counts()).toMatchObject({ taken: 3, dropped: 1, doubled: 1, delayed: 1, sent: 3 })
  })

  test('goes on after a crash of the database, in which its queue is lost', async () => {
    await start(false)
    await worker.pause()
    await post('/lost')
    await harness.postgres.stop('immediate')
    await harness.postgres.start()
    owner = await harness.connect(harness.postgres.ownerUrl)
    worker.resume()

    await answerOfAnother()

    expect(target.paths()).toEqual(['/other'])
  })

  test('notices a crash of the database while it has nothing to do', async () => {
    await start(false)
    await answerOfAnother()

    await harness.postgres.stop('immediate')
    await harness.postgres.start()
    owner = await harness.connect(harness.postgres.ownerUrl)
    await answerOfAnother()

    expect(target.paths()).toEqual(['/other', '/other'])
  })

  /** Whatever the worker should not have sent, it would have sent by the time it has answered this. */
  async function answerOfAnother() {
    const other = await harness.connect(harness.postgres.ownerUrl)
    const id = await value(other, 'select net.http_post($1)', [`${target.url}/other`])
    await until(() => value(other, 'select exists (select from net._http_response where id = $1)', [id]))
  }
})

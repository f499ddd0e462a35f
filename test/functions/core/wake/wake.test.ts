import { createHmac, randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { SECRET } from '../../../support/cluster.ts'
import { type Harness, harness as harnessOf, test } from '../../../support/harness.ts'

const wake = async (harness: Harness, queue: string): Promise<boolean> =>
  (await harness.db.query('select supaqueue_internal.wake($1) as posted', [queue])).rows[0].posted

const expectRun = (harness: Harness, queue: string) =>
  harness.db.query('select supaqueue_internal.wake($1, awaited => true)', [queue])

describe('wake', () => {
  test('posts the queue and a nonce, and nothing else, to the dispatcher, which has two seconds to answer', async ({ harness }) => {
    const queue = await harness.queue()

    expect(await wake(harness, queue)).toBe(true)

    const [request] = await harness.requests(queue)
    expect(request).toMatchObject({
      method: 'POST',
      url: 'http://127.0.0.1:9/functions/v1/supaqueue',
      timeout_milliseconds: 2000,
    })
    expect(JSON.parse(request.text)).toEqual({ queue, nonce: expect.stringMatching(/^[0-9a-f-]{36}$/) })
    expect(Object.keys(request.headers).sort()).toEqual([
      'content-type',
      'supaqueue-signature',
      'supaqueue-timestamp',
    ])
  })

  test('signs the time and the very bytes that are sent, by the secret in Vault', async ({ harness }) => {
    const queue = await harness.queue()
    const clock = async () =>
      (await harness.db.query('select extract(epoch from clock_timestamp())::float as at')).rows[0].at

    const before = await clock()
    await wake(harness, queue)
    const after = await clock()

    const [{ headers, body }] = await harness.requests(queue)
    const stamp = headers['supaqueue-timestamp']
    expect(stamp).toMatch(/^\d+$/)
    expect(Number(stamp)).toBeGreaterThanOrEqual(Math.floor(before))
    expect(Number(stamp)).toBeLessThanOrEqual(Math.ceil(after))
    expect(headers['supaqueue-signature']).toBe(
      `v1=${createHmac('sha256', SECRET).update(`${stamp}.`).update(body).digest('hex')}`,
    )
  })

  test('is gone with a transaction that is rolled back', async ({ harness }) => {
    const queue = await harness.queue()

    await harness.begin()
    await wake(harness, queue)
    await harness.rollback()

    expect(await harness.wakeUps(queue)).toBe(0)
  })

  test.for(
    [
      ['the secret', `delete from vault.secrets`, 'no secret named supaqueue_secret', 'Run the installer again'],
      ['the setting', `delete from supaqueue.setting`, 'setting functions_url is missing', 'Run the installer again'],
      ['pg_net', `drop schema net cascade`, 'schema "net" does not exist', 'Is the extension pg_net enabled'],
      ['Vault', `drop schema vault cascade`, '"vault.decrypted_secrets" does not exist', 'and Vault?'],
    ] as const,
  )('without %s warns what is missing and returns false', async (missing, { ownDatabase }) => {
    const [, illness, message, hint] = missing
    const admin = harnessOf(await ownDatabase.connect('admin'))
    const harness = harnessOf(await ownDatabase.connect())
    const queue = await harness.queue()
    await admin.db.query(illness)

    let posted: boolean | undefined
    const warnings = await harness.warnings(async () => posted = await wake(harness, queue))

    expect(posted).toBe(false)
    expect(warnings).toEqual([expect.objectContaining({
      code: 'SQ503',
      message: expect.stringContaining(message),
      hint: expect.stringContaining(hint),
    })])
  })

  test('never says the secret in a warning', async ({ ownDatabase }) => {
    const admin = harnessOf(await ownDatabase.connect('admin'))
    const harness = harnessOf(await ownDatabase.connect())
    const queue = await harness.queue()
    await admin.db.query('alter function extensions.hmac(text, text, text) rename to mislaid')

    const warnings = await harness.warnings(() => wake(harness, queue))

    expect(warnings).toHaveLength(1)
    expect(JSON.stringify(warnings[0])).not.toContain(SECRET)
  })
})

describe('a run that is awaited', () => {
  test('is noted: nobody wakes one again for five seconds, and whoever comes become the leader', async ({ harness }) => {
    const queue = await harness.queue()
    await harness.turn(randomUUID(), queue)

    const begun = Date.now()
    await expectRun(harness, queue)

    const { rows: [{ seconds }] } = await harness.db.query(
      `select extract(epoch from awake_until - clock_timestamp())::float as seconds
       from supaqueue.heartbeat where queue = $1`,
      [queue],
    )
    expect(seconds).toBeGreaterThan(4.99 - (Date.now() - begun) / 1000)
    expect(seconds).toBeLessThanOrEqual(5)
    expect((await harness.turn(randomUUID(), queue)).leader).toBe(true)
  })

  test('is noted for no other queue', async ({ harness }) => {
    const [queue, other] = [await harness.queue(), await harness.queue()]

    await expectRun(harness, queue)

    expect((await harness.heartbeat(other)).awake).toBe(false)
  })

  test('is not noted where somebody holds the heartbeat, and nobody waits for that', async ({ harness, another }) => {
    const queue = await harness.queue()
    const user = await another()
    await user.begin()
    await user.holdHeartbeat(queue)

    await harness.impatient()
    await expectRun(harness, queue)

    expect((await harness.heartbeat(queue)).awake).toBe(false)
  })
})

import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'
import { hooked } from './hooked.ts'

const run = randomUUID()

/** Begins the jobs of a queue; returns their tokens. */
async function begin(harness: Harness, queue: string): Promise<{ token: string; job: string }[]> {
  await harness.db.query('insert into supaqueue.worker (queue) select $1 from generate_series(1, 3)', [queue])
  await harness.turn(run, queue)
  return (await harness.take(run, queue)).map(({ current_job, job }) => ({
    token: current_job.id,
    job: String(job.id),
  }))
}

/** Writes as PostgREST does for a request with these headers. */
async function writeWith(harness: Harness, headers: Record<string, string> | string, sql: string): Promise<void> {
  await harness.begin()
  await harness.db.query(`select set_config('request.headers', $1, true)`, [
    typeof headers === 'string' ? headers : JSON.stringify(headers),
  ])
  await harness.db.query(sql)
  await harness.commit()
}

describe('what the function of a job writes', () => {
  test('becomes a job that names its cause', async ({ another }) => {
    const owner = await another('owner')
    const photos = await hooked(owner)
    await photos.run(`insert into %t values (1, 'a', 'image')`)
    const [{ token, job } = { token: '', job: '' }] = await begin(owner, photos.queue)

    await writeWith(owner, { 'supaqueue-current-job': token }, `update ${photos.table} set path = 'b'`)

    const [, made] = await photos.jobs()
    expect(made!.origin).toMatchObject({ 'hook-cause': job, 'hook-depth': '1', 'hook-own': 'yes' })
  })

  test('becomes no job with own_changes drop, by header or by setting; what others write does', async ({ another }) => {
    const owner = await another('owner')
    const photos = await hooked(owner, `own_changes => 'drop'`)
    await photos.run(`insert into %t values (1, 'a', 'image')`)
    const [{ token } = { token: '' }] = await begin(owner, photos.queue)
    const waiting = async () =>
      (await owner.db.query(`select from supaqueue.job where queue = $1 and status = 'pending'`, [photos.queue]))
        .rowCount

    await writeWith(owner, { 'supaqueue-current-job': token }, `update ${photos.table} set path = 'b'`)
    await owner.db.query(`begin; select set_config('supaqueue.cause', '${token}', true)`)
    await owner.db.query(`update ${photos.table} set path = 'c'; commit`)
    expect(await waiting()).toBe(0)

    await photos.run(`update %t set path = 'd'`)
    expect(await waiting()).toBe(1)
  })

  test.for([
    randomUUID(),
    'no token',
    '',
  ])('is what anybody writes, when the token is not one: %j', async (token, { another }) => {
    const owner = await another('owner')
    const photos = await hooked(owner, `own_changes => 'drop'`)

    await writeWith(owner, { 'supaqueue-current-job': token }, `insert into ${photos.table} values (1, 'a', 'image')`)
    await writeWith(owner, '{"supaqueue-current-job": ', `insert into ${photos.table} values (2, 'a', 'image')`)

    const jobs = await photos.jobs()
    expect(jobs).toHaveLength(2)
    expect(jobs.filter(({ origin }) => 'hook-cause' in origin)).toEqual([])
  })

  test('goes on for so many jobs as max_depth says; the next one is held, and says why', async ({ another }) => {
    const owner = await another('owner')
    const photos = await hooked(owner, 'max_depth => 2')
    await photos.run(`insert into %t values (1, 'a', 'image')`)
    await owner.db.query('insert into supaqueue.worker (queue) values ($1)', [photos.queue])
    await owner.turn(run, photos.queue)
    for (const path of ['b', 'c', 'd']) {
      const [begun] = await owner.take(run, photos.queue, 1)
      await writeWith(
        owner,
        { 'supaqueue-current-job': begun!.current_job.id },
        `update ${photos.table} set path = '${path}'`,
      )
      await owner.report(run, photos.queue, [begun!.current_job.id], 'success')
    }

    const { rows: [held] } = await owner.db.query(
      `select id, supaqueue.explain(id) as explained from supaqueue.job where queue = $1 and status = 'held'`,
      [photos.queue],
    )
    expect(held.explained).toMatchObject({
      text: expect.stringMatching(/^held: job \d+ wrote what this job is for, .* 3 in a row/),
      reasons: [{ code: 'chain' }],
    })
    expect(await owner.take(run, photos.queue, 1)).toEqual([])
    expect(await photos.faults()).toMatchObject([{ code: 'SQ409', lost: 0 }])
  })

  test('of a soft hook, of keys alone, and of a table emptied, too', async ({ another }) => {
    const owner = await another('owner')
    const photos = await hooked(owner, `soft => true, payload => 'keys', events => '{insert,truncate}', max_depth => 1`)
    await photos.run(`insert into %t values (1, 'a', 'image')`)
    const [{ token } = { token: '' }] = await begin(owner, photos.queue)
    await writeWith(owner, { 'supaqueue-current-job': token }, `truncate ${photos.table}`)

    const [, made] = await photos.jobs()
    expect(made).toMatchObject({ payload: { type: 'TRUNCATE' }, origin: { 'hook-depth': '1', 'hook-own': 'yes' } })
  })
})

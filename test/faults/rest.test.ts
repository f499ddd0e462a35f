import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openScene, type Scene, until } from './support/scene.ts'

let scene: Scene

beforeAll(async () => {
  scene = await openScene()
})

beforeEach(() => {
  scene.witness.forget()
  scene.lines.length = 0
})

// A test that fails leaves nothing behind for the next one to trip over: neither faults nor jobs that are still called.
afterEach(async () => {
  Object.assign(scene.stack.rest.faults, { refuse: undefined, delayMs: 0, loseAnswers: false })
  await scene.clear()
})

afterAll(() => scene?.close())

/**
 * Two calls of a queue that end while somebody is `ill`, which the log says by a `problem`. Their results are to be
 * reported when that is over, though neither function is called twice. Returns what the jobs looked like meanwhile.
 */
async function reportLate(
  ill: () => unknown,
  problem: RegExp,
  well: (queue: string) => unknown,
): Promise<string[]> {
  const queue = await scene.queue({ workers: 2 })
  const release = scene.holdAnswers()
  const first = await scene.job(queue, { n: 1 })
  await scene.job(queue, { n: 2 })
  await scene.untilCalled(2)

  await ill()
  release()
  await until(() => scene.said(problem))
  const during = await scene.fates(queue)
  await well(queue)
  await scene.untilEnded(queue)

  expect(await scene.fates(queue)).toEqual(['success 1', 'success 1'])
  expect(await scene.harness.jobRow(first)).toMatchObject({ result: { n: 1 } })
  expect(scene.witness.calls).toHaveLength(2)
  await scene.untilAsleep(queue)
  expect(await scene.harness.freeWorkers(queue)).toBe(2)
  return during
}

const inProgress = ['in_progress 1', 'in_progress 1']

describe('REST, while results wait to be reported,', () => {
  test.each(
    [
      ['drops connections', 'reset', /"message":"the turn failed: TypeError/],
      ['answers 503', 'unavailable', /"message":"the turn failed: name resolution failed"/],
    ] as const,
  )('%s: the run keeps them and reports late', async (_, refuse, problem) => {
    const { faults } = scene.stack.rest

    const during = await reportLate(() => faults.refuse = refuse, problem, () => faults.refuse = undefined)

    expect(during).toEqual(inProgress)
  })

  test('loses its answers: what was reported is reported again, which changes nothing', async () => {
    const { faults } = scene.stack.rest

    await reportLate(() => faults.loseAnswers = true, /the turn failed/, async (queue) => {
      await until(async () => (await scene.fates(queue)).every((fate) => fate === 'success 1'))
      faults.loseAnswers = false
    })
  })
})

describe('REST', () => {
  test('that takes half a second over everything slows a queue down, and no more', async () => {
    const queue = await scene.queue({ workers: 3 })
    scene.stack.rest.faults.delayMs = 500

    await scene.harness.jobs(queue, 6)
    await scene.untilEnded(queue)

    expect(await scene.fates(queue)).toEqual(Array(6).fill('success 1'))
    expect(scene.witness.calls).toHaveLength(6)
  })

  test('that loses every other answer brings every job to its function once', async () => {
    const queue = await scene.queue({ workers: 5 })
    scene.stack.rest.faults.loseAnswers = 'every other'

    await scene.harness.jobs(queue, 30)
    await scene.untilEnded(queue)

    expect(new Set(await scene.fates(queue))).toEqual(new Set(['success 1']))
    expect(scene.witness.calls).toHaveLength(30)
  })

  test('that is away when a wake-up comes does not keep the run from its jobs', async () => {
    const queue = await scene.queue()
    scene.stack.rest.faults.refuse = 'unavailable'

    await scene.job(queue)
    await until(() => scene.said(/the turn failed/))
    scene.stack.rest.faults.refuse = undefined
    await scene.untilEnded(queue)

    expect(await scene.fates(queue)).toEqual(['success 1'])
  })
})

describe('a database that', () => {
  test('has become read-only is told the results all the same: the Data API asks to write', async () => {
    const admin = await scene.connect(scene.stack.adminUrl)
    // As Supabase does it when a disk is nearly full. The setting is for new connections, so REST gets some.
    const readOnly = async (value: 'on' | 'off') => {
      await admin.query(`alter database postgres set default_transaction_read_only = ${value}`)
      await admin.query(`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'authenticator'`)
    }
    const queue = await scene.queue({ workers: 2 })
    const release = scene.holdAnswers()
    await scene.harness.jobs(queue, 2)
    await scene.untilCalled(2)

    try {
      await readOnly('on')
      release()
      await scene.untilEnded(queue)
    } finally {
      await readOnly('off')
    }

    expect(await scene.fates(queue)).toEqual(['success 1', 'success 1'])
    expect(scene.witness.calls).toHaveLength(2)
  })

  test('has no room left on its disk is told the results once it has', async () => {
    // A statement for each table: one that locks several would meet the sweep in a circle.
    const inTurn = async (statements: string[]) => {
      for (const statement of statements) await scene.db.query(statement)
    }
    const fill = () =>
      inTurn([
        `create function public.no_room() returns trigger language plpgsql as $$
        begin
          raise exception using errcode = '53100', message = 'could not extend file: No space left on device';
        end $$`,
        'create trigger no_room before insert or update on supaqueue.trouble execute function public.no_room()',
        'create trigger no_room before insert or update on supaqueue.job execute function public.no_room()',
      ])
    const empty = () =>
      inTurn([
        'drop trigger no_room on supaqueue.job',
        'drop trigger no_room on supaqueue.trouble',
        'drop function public.no_room',
      ])

    const during = await reportLate(fill, /"code":"SQ503".*53100|53100.*"code":"SQ503"/, empty)

    expect(during).toEqual(inProgress)
  })
})

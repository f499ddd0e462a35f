import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startCronScheduler } from '../../scripts/dev/standins/cron/scheduler.ts'
import { wakeUpFaults } from '../../scripts/soak/faults.ts'
import { makeRandom } from '../../scripts/soak/random.ts'
import { startWork } from '../scripts/work/support/child.ts'
import { until } from '../support/until.ts'
import { killDispatcher, killProcess } from './kill_dispatcher.ts'
import { withDatabase } from '../../scripts/soak/scene.ts'
import { everyJobRan, everyJobRanOnce, nothingElse, ranTooOften } from './expectations.ts'
import { useStage } from './stage.ts'
import { type Storm, storm } from './storm.ts'

// Twenty clients do everything at once that a user may do, while the wake-ups, the dispatchers or the database fail.
// What ran is counted at the function.

const stage = useStage()

describe('while wake-ups are dropped, doubled and delayed', () => {
  let result: Storm

  beforeAll(async () => {
    const cron = await startCronScheduler({ databaseUrl: stage.stack.adminUrl })
    stage.stack.net!.setIntercept(wakeUpFaults(makeRandom(1), { drop: 0.3, double: 0.3, delay: 0.1 }))
    // Queues whose limit was never reached would prove nothing about it, and so it is with the rest.
    result = await storm({
      ...stage,
      seconds: 8,
      sweep: true,
      enough: ({ most, divided, gone, failing }) =>
        wakeUpsMet() && divided > 0 && gone > 0 && failing > 0 &&
        ['one', 'two', 'five'].every((name) => most[name]!.calls === most[name]!.workers),
    })
    await cron.stop()
  })

  /** Whether each accident has met a wake-up. */
  function wakeUpsMet() {
    const { dropped, doubled, delayed } = stage.stack.net!.counts()
    return dropped > 0 && doubled > 0 && delayed > 0
  }

  test('the storm was one', () => {
    expect(wakeUpsMet()).toBe(true)
    expect(result.committed).toBeGreaterThan(500)
    expect(result.undone).toBeGreaterThan(50)
    expect(result.ends.gone).toBeGreaterThan(0)
    expect(result.most).toMatchObject({ one: { calls: 1 }, two: { calls: 2 }, five: { calls: 5 } })
    expect(result.divided).toBeGreaterThan(0)
    expect(result.ends.failed).toBeGreaterThan(0)
  })

  everyJobRanOnce(() => result)
})

describe('without any sweep, while queues fall asleep at once and wake-ups are doubled and delayed', () => {
  let result: Storm

  beforeAll(async () => {
    stage.stack.net!.setIntercept(wakeUpFaults(makeRandom(2), { drop: 0, double: 0.3, delay: 0.1 }))
    await set('linger_ms', '0')
    // Nobody is to look by hand.
    result = await storm({ ...stage, seconds: 5, sweep: false, without: ['processJobs'] })
    await set('linger_ms', '2000')
  })

  everyJobRanOnce(() => result)
})

describe('while the dispatcher is killed again and again', () => {
  let result: Storm
  const killedWith: number[][] = []

  beforeAll(async () => {
    stage.stack.net!.setIntercept(wakeUpFaults(makeRandom(3), { drop: 0, double: 0.2, delay: 0 }))
    result = await storm({
      ...stage,
      seconds: 8,
      sweep: true,
      async meanwhile(admin, moment) {
        for (const ms of [1500, 3000, 4500, 6000]) {
          await moment(ms)
          await kill(admin)
        }
        // On a busy machine it may have been between two calls each time.
        while (!killedWith.flat().some(hadCome)) await kill(admin)
      },
    })
  })

  async function kill(admin: pg.Client) {
    await until(() => Promise.resolve(stage.recorder.visits.inside() > 0))
    killedWith.push(await killDispatcher(stage.stack, stage.recorder, admin))
  }
  /** Whether the function had the job, and did not answer that it is to come again. */
  const hadCome = (job: number) => stage.recorder.visits.of(job).some(({ answer }) => answer !== 500)

  everyJobRan(() => result)

  test('only jobs that a killed dispatcher had ran twice, once more for each time', () => {
    expect(killedWith.flat().length).toBeGreaterThan(0)
    expect(ranTooOften(result, killedWith)).toEqual([])
  })

  // Of a call that went out just before the death nobody knows, three times at most.
  test('every further run is a further attempt, but for three at most', () => {
    expect(result.repeats.length).toBeGreaterThan(0)
    const numbersOf = (visits: { attempt: number }[]) => new Set(visits.map(({ attempt }) => attempt)).size
    // A call of several that nobody knows of is divided, and uses no attempt.
    const alone = result.repeats.filter(({ visits }) => visits.every(({ call }) => call === undefined))
    expect(alone.filter(({ visits }) => numbersOf(visits) < visits.length - 3)).toEqual([])
  })

  nothingElse(() => result)
})

describe('while a process that stays and the edge function take turns to die', () => {
  let result: Storm
  const killedWith: number[][] = []
  const byProcess: number[] = []
  let living: Awaited<ReturnType<typeof startWork>> | undefined

  beforeAll(async () => {
    stage.stack.net!.setIntercept(wakeUpFaults(makeRandom(5), { drop: 0.1, double: 0.2, delay: 0.1 }))
    result = await storm({
      ...stage,
      seconds: 8,
      sweep: true,
      async meanwhile(admin) {
        for (let round = 0; round < 3; round++) {
          living = await startWork(['--db-url', stage.stack.databaseUrl, '--port', '0'], {
            SUPABASE_URL: stage.stack.apiUrl,
            SUPABASE_SECRET_KEY: stage.stack.keys.secret,
            SUPAQUEUE_SECRET: stage.stack.secret,
          })
          killedWith.push(await killDispatcher(stage.stack, stage.recorder, admin))
          // It leads what the edge function led, over connections of its own.
          const ended = await outcomesOf(living)
          await until(async () => await outcomesOf(living!) > ended + 20)
          byProcess.push(await outcomesOf(living) - ended)
          killedWith.push(await killProcess(living, stage.stack, stage.recorder, admin))
        }
      },
    })
  })
  afterAll(() => living?.kill())

  everyJobRan(() => result)

  test('only jobs that one of the dead had ran twice, once more for each time', () => {
    expect(byProcess).toHaveLength(3)
    expect(ranTooOften(result, killedWith)).toEqual([])
  })

  nothingElse(() => result)
})

describe('while PostgreSQL crashes twice', () => {
  let result: Storm

  beforeAll(async () => {
    stage.stack.net!.setIntercept(wakeUpFaults(makeRandom(4), { drop: 0.1, double: 0.2, delay: 0.1 }))
    result = await storm({
      ...stage,
      seconds: 8,
      sweep: true,
      // Nobody would ever know the id of a job if the answer to its insert got lost.
      without: ['plain'],
      async meanwhile(_admin, moment) {
        for (const ms of [2000, 5000]) {
          await moment(ms)
          await stage.stack.postgres!.stop('immediate')
          await stage.stack.postgres!.start()
        }
      },
    })
  })

  test('the clients were cut off', () => {
    expect(result.losses).toBeGreaterThan(20)
  })

  everyJobRanOnce(() => result)
})

async function set(name: string, value: string): Promise<void> {
  await withDatabase(stage.stack, (db) =>
    db.query(
      `insert into supaqueue.setting (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value`,
      [name, value],
    ))
}

/** How many calls of a process have ended. */
async function outcomesOf({ lines }: { lines: string[] }): Promise<number> {
  const [, address] = /(http:\S+)\/health says/.exec(lines.join('\n')) ?? []
  if (address === undefined) return 0
  const text = await (await fetch(`${address}/metrics`)).text()
  return [...text.matchAll(/^supaqueue_work_outcomes_total\{.*\} (\d+)$/gm)].reduce((sum, [, n]) => sum + Number(n), 0)
}

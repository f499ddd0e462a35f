import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startCronScheduler } from '../../scripts/dev/standins/cron/scheduler.ts'
import { type Stack, startStack } from '../../scripts/dev/stack.ts'
import { badWeather } from '../../scripts/soak/faults.ts'
import { logLinePrefix } from '../../scripts/soak/log.ts'
import { makeRandom } from '../../scripts/soak/random.ts'
import { recordedFunctions, type Recorder, startRecorder } from '../../scripts/soak/recorder.ts'
import { startWork } from '../scripts/work/support/child.ts'
import { until } from '../support/until.ts'
import { killDispatcher, killProcess } from './kill_dispatcher.ts'
import { withDatabase } from '../../scripts/soak/scene.ts'
import { everyJobRan, everyJobRanOnce, nothingElse } from './expectations.ts'
import { type Storm, storm } from './storm.ts'

// Twenty clients do everything at once that a user may do, while the wake-ups, the dispatchers or the database fail.
// What ran is counted at the function.

let recorder: Recorder
let stack: Stack

beforeAll(async () => {
  recorder = await startRecorder()
  stack = await startStack({
    functions: [recordedFunctions],
    environment: recorder.environment,
    rest: 'thin',
    cron: false,
    // After a retired isolate another has to start: on a busy machine that takes longer than a wake-up waits, and only the
    // sweep makes good a wake-up that nobody took.
    edge: { wallClockMs: 3_600_000 },
    postgres: { settings: { log_line_prefix: logLinePrefix } },
  })
  await stack.edge.warm('recorded')
})

afterAll(async () => {
  await stack?.stop()
  await recorder?.close()
})

describe('while wake-ups are dropped, doubled and delayed', () => {
  let result: Storm

  beforeAll(async () => {
    const cron = await startCronScheduler({ databaseUrl: stack.adminUrl })
    stack.net!.setIntercept(badWeather(makeRandom(1), { drop: 0.3, double: 0.3, delay: 0.1 }))
    result = await storm({ stack, recorder, seconds: 8, sweep: true })
    await cron.stop()
  })

  test('the storm was one', () => {
    const { dropped, doubled, delayed } = stack.net!.counts()
    expect([dropped, doubled, delayed].map((count) => count > 0)).toEqual([true, true, true])
    expect(result.committed).toBeGreaterThan(500)
    expect(result.undone).toBeGreaterThan(50)
    expect(result.ends.gone).toBeGreaterThan(0)
    // Queues whose limit was never reached would prove nothing about it.
    expect(result.most).toMatchObject({ one: { calls: 1 }, two: { calls: 2 }, five: { calls: 5 } })
    expect(result.divided).toBeGreaterThan(0)
    expect(result.ends.failed).toBeGreaterThan(0)
  })

  everyJobRanOnce(() => result)
})

describe('without any sweep, while queues fall asleep at once and wake-ups are doubled and delayed', () => {
  let result: Storm

  beforeAll(async () => {
    stack.net!.setIntercept(badWeather(makeRandom(2), { drop: 0, double: 0.3, delay: 0.1 }))
    await set('linger_ms', '0')
    // Nobody is to look by hand.
    result = await storm({ stack, recorder, seconds: 5, sweep: false, without: ['processJobs'] })
    await set('linger_ms', '2000')
  })

  everyJobRanOnce(() => result)
})

describe('while the dispatcher is killed again and again', () => {
  let result: Storm
  const killedWith: number[][] = []

  beforeAll(async () => {
    stack.net!.setIntercept(badWeather(makeRandom(3), { drop: 0, double: 0.2, delay: 0 }))
    result = await storm({
      stack,
      recorder,
      seconds: 8,
      sweep: true,
      async meanwhile(admin, moment) {
        for (const ms of [1500, 3000, 4500, 6000]) {
          await moment(ms)
          killedWith.push(await killDispatcher(stack, recorder, admin))
        }
      },
    })
  })

  everyJobRan(() => result)

  test('only jobs that a killed dispatcher had ran twice, once more for each time', () => {
    expect(killedWith.flat().length).toBeGreaterThan(0)
    const timesKilled = (job: number) => killedWith.filter((jobs) => jobs.includes(job)).length
    expect(result.repeats.filter(({ job, visits }) => visits.length > 1 + timesKilled(job))).toEqual([])
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
    stack.net!.setIntercept(badWeather(makeRandom(5), { drop: 0.1, double: 0.2, delay: 0.1 }))
    result = await storm({
      stack,
      recorder,
      seconds: 8,
      sweep: true,
      async meanwhile(admin) {
        for (let round = 0; round < 3; round++) {
          living = await startWork(['--db-url', stack.databaseUrl, '--port', '0'], {
            SUPABASE_URL: stack.apiUrl,
            SUPABASE_SECRET_KEY: stack.keys.secret,
            SUPAQUEUE_SECRET: stack.secret,
          })
          killedWith.push(await killDispatcher(stack, recorder, admin))
          // It leads what the edge function led, over connections of its own.
          const ended = await outcomesOf(living)
          await until(async () => await outcomesOf(living!) > ended + 20)
          byProcess.push(await outcomesOf(living) - ended)
          killedWith.push(await killProcess(living, stack, recorder, admin))
        }
      },
    })
  })
  afterAll(() => living?.kill())

  everyJobRan(() => result)

  test('only jobs that one of the dead had ran twice, once more for each time', () => {
    expect(byProcess).toHaveLength(3)
    const timesKilled = (job: number) => killedWith.filter((jobs) => jobs.includes(job)).length
    expect(result.repeats.filter(({ job, visits }) => visits.length > 1 + timesKilled(job))).toEqual([])
  })

  nothingElse(() => result)
})

describe('while PostgreSQL crashes twice', () => {
  let result: Storm

  beforeAll(async () => {
    stack.net!.setIntercept(badWeather(makeRandom(4), { drop: 0.1, double: 0.2, delay: 0.1 }))
    result = await storm({
      stack,
      recorder,
      seconds: 8,
      sweep: true,
      // Nobody would ever know the id of a job if the answer to its insert got lost.
      without: ['plain'],
      async meanwhile(_admin, moment) {
        for (const ms of [2000, 5000]) {
          await moment(ms)
          await stack.postgres!.stop('immediate')
          await stack.postgres!.start()
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
  await withDatabase(stack, (db) =>
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

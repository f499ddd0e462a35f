import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Stack, startStack } from '../../scripts/dev/stack.ts'
import { badWeather } from '../../scripts/soak/faults.ts'
import { logLinePrefix } from '../../scripts/soak/log.ts'
import { makeRandom } from '../../scripts/soak/random.ts'
import { recordedFunctions, type Recorder, startRecorder } from '../../scripts/soak/recorder.ts'
import { until } from '../support/until.ts'
import { everyJobRan, everyJobRanOnce, nothingElse } from './expectations.ts'
import { killDispatcher } from './kill_dispatcher.ts'
import { type Storm, storm } from './storm.ts'

// The storms once more, with turns over a connection of their own.

let recorder: Recorder
let stack: Stack

beforeAll(async () => {
  recorder = await startRecorder()
  stack = await startStack({
    direct: true,
    functions: [recordedFunctions],
    environment: recorder.environment,
    rest: 'thin',
    cron: false,
    edge: { wallClockMs: 3_600_000 },
    postgres: { settings: { log_line_prefix: logLinePrefix } },
  })
  await stack.edge.warm('recorded')
})

afterAll(async () => {
  await stack?.stop()
  await recorder?.close()
})

const DIRECT = `select pid from pg_stat_activity where application_name = 'supaqueue dispatcher'`

describe('while connections are cut and the dispatcher is killed', () => {
  let result: Storm
  let cut = 0
  const killedWith: number[][] = []

  beforeAll(async () => {
    stack.net!.setIntercept(badWeather(makeRandom(6), { drop: 0.1, double: 0.2, delay: 0.1 }))
    result = await storm({
      stack,
      recorder,
      seconds: 8,
      sweep: true,
      async meanwhile(admin) {
        for (let round = 0; round < 3; round++) {
          // One whose connection breaks takes its turns by the Data API for a minute: the next one has another.
          await until(async () => (await admin.query(DIRECT)).rowCount! > 0)
          if (round < 2) {
            cut += (await admin.query(`select pg_terminate_backend(pid) from (${DIRECT}) as theirs`)).rowCount!
          }
          killedWith.push(await killDispatcher(stack, recorder, admin))
        }
      },
    })
  })

  everyJobRan(() => result)

  test('turns went over connections, and only jobs that a killed dispatcher had ran twice', () => {
    expect(cut).toBeGreaterThan(1)
    const timesKilled = (job: number) => killedWith.filter((jobs) => jobs.includes(job)).length
    expect(result.repeats.filter(({ job, visits }) => visits.length > 1 + timesKilled(job))).toEqual([])
  })

  nothingElse(() => result)
})

describe('while PostgreSQL crashes', () => {
  let result: Storm
  let connected = 0

  beforeAll(async () => {
    stack.net!.setIntercept(badWeather(makeRandom(7), { drop: 0.1, double: 0.2, delay: 0.1 }))
    // Of this isolate nobody knows that a connection broke.
    await stack.edge.killFunction('supaqueue')
    result = await storm({
      stack,
      recorder,
      seconds: 6,
      sweep: true,
      without: ['plain'],
      async meanwhile(admin) {
        await until(async () => (connected = (await admin.query(DIRECT)).rowCount!) > 0)
        await stack.postgres!.stop('immediate')
        await stack.postgres!.start()
      },
    })
  })

  test('turns went over connections', () => {
    expect(connected).toBeGreaterThan(0)
  })

  everyJobRanOnce(() => result)
})

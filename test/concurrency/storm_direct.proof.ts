import { beforeAll, describe, expect, test } from 'vitest'
import { wakeUpFaults } from '../../scripts/soak/faults.ts'
import { makeRandom } from '../../scripts/soak/random.ts'
import { until } from '../support/until.ts'
import { everyJobRan, everyJobRanOnce, nothingElse, ranTooOften } from './expectations.ts'
import { killDispatcher } from './kill_dispatcher.ts'
import { useStage } from './stage.ts'
import { type Storm, storm } from './storm.ts'

// The storms once more, with turns over a connection of their own.

const stage = useStage({ direct: true })

const DIRECT = `select pid from pg_stat_activity where application_name = 'supaqueue dispatcher'`

describe('while connections are cut and the dispatcher is killed', () => {
  let result: Storm
  let cut = 0
  const killedWith: number[][] = []

  beforeAll(async () => {
    stage.stack.net!.setIntercept(wakeUpFaults(makeRandom(6), { drop: 0.1, double: 0.2, delay: 0.1 }))
    result = await storm({
      ...stage,
      seconds: 8,
      sweep: true,
      async meanwhile(admin) {
        for (let round = 0; round < 3; round++) {
          // One whose connection breaks takes its turns by the Data API for a minute: the next one has another.
          await until(async () => {
            const { rowCount } = await admin.query(
              round < 2 ? `select pg_terminate_backend(pid) from (${DIRECT}) as theirs` : DIRECT,
            )
            if (round < 2) cut += rowCount!
            return rowCount! > 0
          })
          killedWith.push(await killDispatcher(stage.stack, stage.recorder, admin))
        }
      },
    })
  })

  everyJobRan(() => result)

  test('turns went over connections, and only jobs that a killed dispatcher had ran twice', () => {
    expect(cut).toBeGreaterThan(1)
    expect(ranTooOften(result, killedWith)).toEqual([])
  })

  nothingElse(() => result)
})

describe('while PostgreSQL crashes', () => {
  let result: Storm
  let connected = 0

  beforeAll(async () => {
    stage.stack.net!.setIntercept(wakeUpFaults(makeRandom(7), { drop: 0.1, double: 0.2, delay: 0.1 }))
    // Of this isolate nobody knows that a connection broke.
    await stage.stack.edge.killFunction('supaqueue')
    result = await storm({
      ...stage,
      seconds: 6,
      sweep: true,
      without: ['plain'],
      async meanwhile(admin) {
        await until(async () => (connected = (await admin.query(DIRECT)).rowCount!) > 0)
        await stage.stack.postgres!.stop('immediate')
        await stage.stack.postgres!.start()
      },
    })
  })

  test('turns went over connections', () => {
    expect(connected).toBeGreaterThan(0)
  })

  everyJobRanOnce(() => result)
})

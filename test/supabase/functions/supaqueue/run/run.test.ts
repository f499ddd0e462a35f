import { describe, expect, test } from 'vitest'
import { SupaqueueError } from '../../../../../supabase/functions/_shared/supaqueue/errors.ts'
import type { TurnAnswer } from '../../../../../supabase/functions/supaqueue/turn/turn.ts'
import { networkFault } from '../support/database.ts'
import { makeGate, makeStage, spent, type Stage, success } from '../support/stage.ts'

describe('a run', () => {
  test('calls every job once and falls asleep when nothing has come for the linger time', async () => {
    const stage = makeStage({ workers: 3, jobs: 10, callMs: () => 100 })

    stage.start()
    await stage.clock.advance(10_000)

    expect([...stage.calls.values()]).toEqual(Array(10).fill(1))
    expect(stage.database.finished.size).toBe(10)
    expect(stage.mostCallsAtOnce).toBe(3)
    expect(stage.ended).toMatchObject([{ reason: 'asleep', jobs: 10, success: 10, failed: 0 }])
    expect(stage.database.heartbeat.run).toBe(null)
  })

  test('takes up jobs that come while it lingers', async () => {
    const stage = makeStage({ callMs: () => 10 })

    stage.start()
    await stage.clock.advance(1500)
    stage.database.enqueue(1)
    await stage.clock.advance(100)

    expect(stage.database.finished.size).toBe(1)
    expect(stage.ended).toEqual([])
  })

  test('takes four turns for a planned job: to be told when, to take it, to report it, and to fall asleep', async () => {
    const stage = makeStage({ callMs: () => 10, turnMs: 5 })
    stage.database.enqueue(1, 8000)

    stage.start()
    await stage.clock.advance(7990)
    const before = stage.database.requests.length
    await stage.clock.advance(20_000)

    expect(before).toBe(1)
    expect(stage.database.requests).toHaveLength(4)
    expect(stage.ended).toMatchObject([{ reason: 'asleep', turns: 4, success: 1 }])
  })

  test('and three for each further one', async () => {
    const stage = makeStage({ callMs: () => 10, turnMs: 5 })
    for (const inMs of [2000, 5000, 8000]) stage.database.enqueue(1, inMs)

    stage.start()
    await stage.clock.advance(30_000)

    expect(stage.database.finished.size).toBe(3)
    expect(stage.database.requests).toHaveLength(10)
    expect(stage.ended).toMatchObject([{ reason: 'asleep' }])
  })

  test('lingers after several planned jobs at once, and when another came unplanned', async () => {
    const several = makeStage({ workers: 2 })
    const further = makeStage({ workers: 1 })
    for (const { database, start, clock } of [several, further]) {
      database.enqueue(database.workers, 3000)
      start()
      await clock.advance(3010)
    }

    further.database.enqueue(1)
    further.end(0)
    await further.clock.settle()
    for (const { underWay, end, clock, database } of [several, further]) {
      for (const job of underWay.keys()) end(job)
      await clock.advance(1900)
      database.enqueue(1)
      await clock.advance(100)
    }

    expect([several, further].map(({ ended, underWay }) => [ended, underWay.size])).toEqual([[[], 1], [[], 1]])
  })

  test('lingers when somebody said that there is work before it was to come back', async () => {
    const stage = makeStage({ callMs: () => 10 })
    stage.database.enqueue(1, 8000)
    const run = stage.start()
    await stage.clock.advance(1000)

    stage.database.enqueue(1)
    run.nudge()
    await stage.clock.advance(1900)
    stage.database.enqueue(1)
    await stage.clock.advance(100)

    expect(stage.database.finished.size).toBe(2)
  })

  test('has one turn under way at a time, and a second one only when it would stand idle', async () => {
    const stage = makeStage({ workers: 25, jobs: 200, callMs: (job) => job % 7, turnMs: 5 })
    const busy = makeStage({ workers: 2, jobs: 40, callMs: (job) => job === 0 ? 60_000 : 1, turnMs: 5 })

    stage.start()
    busy.start()
    await stage.clock.advance(10_000)
    await busy.clock.advance(10_000)

    expect(stage.database.finished.size).toBe(200)
    expect(stage.database.mostTurnsAtOnce).toBe(2)
    expect([...stage.calls.values()]).toEqual(Array(200).fill(1))
    expect(stage.mostCallsAtOnce).toBe(25)
    expect(busy.database.finished.size).toBe(39)
    expect(busy.database.mostTurnsAtOnce).toBe(1)
  })

  test('does not look for more while a turn is under way beside', async () => {
    const stage = makeStage({ workers: 2, jobs: 2 })
    stage.start()
    await stage.clock.settle()
    const [first, second] = [makeGate(), makeGate()]

    stage.database.gate = first.opened
    stage.end(0)
    await stage.clock.settle()
    stage.database.gate = second.opened
    stage.end(1)
    first.open()
    await stage.clock.advance(1000)
    const turns = stage.database.requests.length
    second.open()
    await stage.clock.advance(100)

    expect(turns).toBe(3)
    expect(stage.database.requests.length).toBeGreaterThan(3)
  })

  test('sends no turn beside one that may put the queue to sleep', async () => {
    const stage = makeStage({ workers: 1, jobs: 1, turnMs: 50 })
    stage.start()
    while (!stage.database.requests.at(-1)?.sleepy) await stage.clock.advance(10)

    stage.end(0)
    await stage.clock.settle()
    const last = stage.database.requests.at(-1)
    await stage.clock.advance(10_000)

    expect(last).toMatchObject({ sleepy: true })
    expect(stage.database.finished.size).toBe(1)
    expect(stage.ended).toMatchObject([{ reason: 'asleep' }])
  })

  test('stays when a later turn made it the leader, though an earlier one is answered after it: leave', async () => {
    const stage = makeStage({ workers: 1, jobs: 1 })
    Object.assign(stage.database.heartbeat, { run: 'another', until: 60_000 })
    // The second is to tell of the call.
    stage.database.answerMs = [0, 500]
    stage.start()
    while (stage.database.requests.length < 2) await stage.clock.advance(10)
    Object.assign(stage.database.heartbeat, { run: null, until: -Infinity })
    stage.end(0)
    await stage.clock.settle()
    const turns = stage.database.requests.length
    const leader = stage.database.heartbeat.run
    await stage.clock.advance(10_000)

    expect({ turns, leader }).toEqual({ turns: 3, leader: stage.ended[0]!.run })
    expect(stage.ended).toMatchObject([{ reason: 'asleep', success: 1 }])
    expect(stage.missed).toEqual([])
  })

  test('asks for no more room in two turns at once than it has concurrency', async () => {
    const stage = makeStage({ workers: 2, jobs: 2 })
    stage.start()
    await stage.clock.settle()
    const gate = makeGate()
    stage.database.gate = gate.opened

    stage.end(0)
    await stage.clock.settle()
    stage.end(1)
    await stage.clock.settle()
    const rooms = stage.database.requests.slice(1).map(({ room }) => room)
    gate.open()

    expect(rooms).toEqual([24, 1])
  })

  test('that has nothing to do says that it ends when its isolate does, though no call is left to report', async () => {
    const stage = makeStage()
    const run = stage.start()
    await stage.clock.advance(500)

    run.unload()
    await stage.clock.settle()

    expect(stage.database.requests.at(-1)).toMatchObject({ stop: true })
    expect(stage.database.heartbeat.run).toBe(null)
    expect(stage.ended).toHaveLength(1)
  })

  test('says that it ends once nothing is under way any more', async () => {
    const stage = makeStage({ workers: 2, jobs: 2 })
    const run = stage.start()
    await stage.clock.settle()
    const [first, second] = [makeGate(), makeGate()]

    stage.database.gate = first.opened
    stage.end(0)
    await stage.clock.settle()
    stage.database.gate = second.opened
    stage.end(1)
    await stage.clock.settle()
    run.unload()
    first.open()
    await stage.clock.advance(1000)
    const turns = stage.database.requests.map(({ stop }) => stop)
    second.open()
    await stage.clock.advance(1000)

    expect(turns).toEqual([false, false, false])
    expect(stage.database.requests.at(-1)).toMatchObject({ stop: true })
    expect(stage.ended).toHaveLength(1)
  })

  test('asks what a lost answer brought once nothing is under way any more', async () => {
    const stage = makeStage({ workers: 2, jobs: 6 })
    stage.start()
    await stage.clock.settle()
    const slow = makeGate()

    stage.database.faults = [undefined, 'answer lost']
    stage.database.gate = slow.opened
    stage.end(0)
    await stage.clock.settle()
    stage.database.gate = Promise.resolve()
    stage.end(1)
    await stage.clock.advance(1000)
    const turns = stage.database.requests.length
    slow.open()
    await stage.clock.advance(5000)

    expect(turns).toBe(3)
    // The job that came meanwhile, and the report of the turn that failed.
    expect(stage.database.requests[3]?.have).toHaveLength(2)
    expect([...stage.underWay.keys()].sort()).toEqual([2, 3])
    expect(stage.database.finished.size).toBe(2)
  })

  test('gathers what ends during a turn and brings it with the next one', async () => {
    const stage = makeStage({ workers: 3, jobs: 3 })
    stage.start()
    await stage.clock.settle()
    let open = () => {}
    stage.database.gate = new Promise((resolve) => open = resolve)

    stage.end(0)
    await stage.clock.settle()
    stage.end(1)
    stage.end(2)
    await stage.clock.settle()
    open()
    await stage.clock.settle()

    expect(stage.database.requests.map(({ reports }) => reports.length)).toEqual([0, 1, 2])
  })

  test('waits a moment for more results when it has many calls', async () => {
    const stage = makeStage({ workers: 25, jobs: 25, callMs: (job) => 100 + job / 25 })

    stage.start()
    await stage.clock.advance(150)

    expect(stage.database.requests.map(({ reports }) => reports.length).filter((count) => count > 0)).toEqual([25])
  })

  test('calls one half of what it has while the other is reported, when its calls are short', async () => {
    const stage = makeStage({ workers: 10, jobs: 200, callMs: (job) => 2 + job % 10, turnMs: 3 })

    stage.start()
    await stage.clock.advance(10_000)

    const turns = stage.database.requests.filter(({ reports }) => reports.length > 0).length
    expect(stage.database.finished.size).toBe(200)
    expect(200 / turns).toBeGreaterThan(4)
  })

  test('counts calls, not the jobs of a batch: five of five jobs each are no crowd', async () => {
    const stage = makeStage({ workers: 25, jobs: 25 })
    const { takeTurn } = stage.database
    stage.database.takeTurn = async (request) => {
      const { jobs, ...answer } = await takeTurn(request)
      const batchOf = (job: string | number) => `batch ${Math.floor(Number(job) / 5)}`
      return {
        ...answer,
        jobs: jobs.map(({ current_job, job }) => ({ current_job: { ...current_job, call: batchOf(job.id) }, job })),
      }
    }
    stage.start()
    await stage.clock.settle()
    const batch = { outcomes: Array.from({ length: 5 }, () => success.outcomes[0]!), chainSpent: false }

    for (const first of [0, 5]) stage.end(first, batch)
    await stage.clock.settle()
    const held = stage.database.requests.length
    stage.end(10, batch)
    await stage.clock.settle()

    expect(held).toBe(1)
    expect(stage.database.requests.slice(1).map(({ reports }) => reports.length)).toEqual([15])
  })

  test('waits for no more results when there may be more work', async () => {
    const stage = makeStage({ workers: 10, jobs: 10, settings: { concurrency: '25' } })
    const run = stage.start()
    await stage.clock.settle()
    stage.end(0)
    await stage.clock.advance(1)
    const held = stage.database.requests.length

    run.nudge()
    await stage.clock.settle()

    expect(held).toBe(1)
    expect(stage.database.requests.slice(1).map(({ reports }) => reports.length)).toEqual([1])
  })

  test('offers as much room as it has concurrency left', async () => {
    const stage = makeStage({ workers: 2, jobs: 2, settings: { concurrency: '4' } })

    stage.start()
    await stage.clock.advance(stage.isolate.limits.poll_ms)

    expect(stage.database.requests.map(({ room }) => room)).toEqual([25, 2])
  })

  test('asks for the settings once, and heeds them', async () => {
    const stage = makeStage({ settings: { poll_ms: '500', linger_ms: '1000' } })

    stage.start()
    await stage.clock.advance(5000)

    expect(stage.database.requests.map(({ hello }) => hello)).toEqual([true, false, false])
    expect(stage.database.times).toEqual([0, 500, 1250])
    expect(stage.ended).toHaveLength(1)
  })

  test('says which setting it cannot use, and goes on with the default', async () => {
    const stage = makeStage({ settings: { poll_ms: 'often' } })

    stage.start()
    await stage.clock.advance(75)

    expect(stage.logs).toMatchObject([{ code: 'SQ422', message: expect.stringContaining('poll_ms') }])
    expect(stage.database.times).toEqual([0, 45])
  })

  test('looks less often once nothing has come for a tenth of a second', async () => {
    const stage = makeStage({ settings: { poll_ms: '40', linger_ms: '300' } })

    stage.start()
    await stage.clock.advance(5000)

    expect(stage.database.times).toEqual([0, 40, 80, 120, 180, 240, 300])
  })

  test('does not look before anything may be begun, but often enough to stay the leader', async () => {
    const stage = makeStage({ settings: { linger_ms: '4000' } })
    stage.database.waitMs = 300

    stage.start()
    await stage.clock.advance(400)
    stage.database.waitMs = 60_000
    await stage.clock.advance(3000)

    expect(stage.database.times).toEqual([0, 300, 600, 2600])
  })

  test('gives back at once what it cannot call', async () => {
    const stage = makeStage({ workers: 10, jobs: 10, settings: { concurrency: '4' } })

    stage.start()
    await stage.clock.settle()

    expect(stage.calls.size).toBe(4)
    expect(stage.database.reports).toHaveLength(6)
    expect(stage.database.reports[0]).toMatchObject({ outcome: 'not_run', retry_after_ms: 0 })
  })
})

describe('a job that the database names twice', () => {
  const doubling = (stage: Stage, when: (turn: number) => boolean) => {
    const { takeTurn, queue } = stage.database
    let first: TurnAnswer['jobs'] = []
    stage.database.takeTurn = async (request) => {
      const answer = await takeTurn(request)
      if (first.length === 0) first = answer.jobs
      return when(stage.database.requests.length) ? { ...answer, queue: { ...queue }, jobs: first } : answer
    }
  }

  test('is not called a second time while its call is under way', async () => {
    const stage = makeStage({ workers: 1, jobs: 1 })
    doubling(stage, (turn) => turn === 2)

    stage.start()
    await stage.clock.advance(200)

    expect(stage.calls).toEqual(new Map([[0, 1]]))
  })

  test('is not called a second time while its report waits', async () => {
    const stage = makeStage({ workers: 1, jobs: 1, callMs: () => 10 })
    doubling(stage, (turn) => turn === 3)
    stage.start()
    await stage.clock.settle()
    stage.database.locked.add(stage.database.claims[0]!.token)

    await stage.clock.advance(200)

    expect(stage.calls).toEqual(new Map([[0, 1]]))
  })
})

describe('a run that is not the leader', () => {
  const guest = (options: Parameters<typeof makeStage>[0]) => {
    const stage = makeStage(options)
    Object.assign(stage.database.heartbeat, { run: 'another', until: Infinity })
    stage.start()
    return stage
  }

  test('leaves after one turn that brings it nothing', async () => {
    const stage = guest({})

    await stage.clock.advance(10_000)

    expect(stage.database.requests).toHaveLength(1)
    expect(stage.ended).toMatchObject([{ reason: 'leave', turns: 1 }])
  })

  test('says once that its calls went out, and does not poll while they are', async () => {
    const stage = guest({ workers: 1, jobs: 1 })

    await stage.clock.advance(50_000)

    expect(stage.database.requests.map(({ called }) => called.length)).toEqual([0, 1])
    expect(stage.clock.timers()).toBe(0)
  })

  test('looks once more after its last report before it leaves', async () => {
    const stage = guest({ workers: 1, jobs: 1, callMs: () => 100 })

    await stage.clock.advance(1000)

    expect(stage.database.requests.map(({ reports }) => reports.length)).toEqual([0, 0, 1, 0])
    expect(stage.ended).toMatchObject([{ reason: 'leave', success: 1 }])
  })
})

describe('a run with nothing to do but to wait for a call', () => {
  test('puts the queue to sleep and takes no turn until the call ends', async () => {
    const stage = makeStage({ workers: 2, jobs: 1 })
    stage.start()
    await stage.clock.advance(3000)
    const turns = stage.database.requests.length

    await stage.clock.advance(60_000)

    expect(stage.database.requests).toHaveLength(turns)
    expect(stage.clock.timers()).toBe(0)
    expect(stage.ended).toEqual([])
  })

  test('is awake again when the call ends, and takes the next job with that turn', async () => {
    const stage = makeStage({ workers: 1, jobs: 1 })
    stage.start()
    await stage.clock.advance(3000)
    stage.database.pending.push({ id: 7, at: 0 })

    stage.end(0)
    await stage.clock.settle()

    expect([...stage.underWay.keys()]).toEqual([7])
  })

  test('stays awake when the database finds something in the last look', async () => {
    const stage = makeStage({ workers: 1 })
    stage.database.pending.push({ id: 7, at: 8000 })

    stage.start()
    await stage.clock.advance(8100)

    expect([...stage.underWay.keys()]).toEqual([7])
  })
})

describe('a turn that failed', () => {
  test.each(['request lost', 'answer lost'] as const)('loses nothing: %s', async (fault) => {
    const stage = makeStage({ workers: 3, jobs: 9, callMs: () => 10 })
    stage.database.faults = [undefined, fault, undefined, fault, fault]

    stage.start()
    await stage.clock.advance(10_000)

    expect([...stage.calls.values()]).toEqual(Array(9).fill(1))
    expect([...stage.database.finished.values()]).toEqual(Array(9).fill('success'))
    expect(stage.ended).toMatchObject([{ jobs: 9, success: 9 }])
    expect(stage.logs).toMatchObject([{ code: 'SQ503' }])
  })

  test('is followed by one that says all the run holds: calls, and reports with those of the lost turn', async () => {
    const stage = makeStage({ workers: 3, jobs: 3 })
    stage.start()
    await stage.clock.settle()
    const tokens = stage.database.claims.map(({ token }) => token)
    stage.database.faults = ['request lost']

    stage.end(0)
    await stage.clock.settle()
    stage.end(1)
    await stage.clock.advance(200)

    const [lost, next, later] = stage.database.requests.slice(1)
    expect(lost).toMatchObject({ have: null, reports: [{ token: tokens[0] }] })
    expect(next?.reports.map(({ token }) => token).sort()).toEqual([tokens[0], tokens[1]].sort())
    expect(next?.have?.toSorted()).toEqual(tokens.toSorted())
    expect(later).toMatchObject({ have: null })
  })

  test('is tried again after growing waits, whatever results come meanwhile', async () => {
    const stage = makeStage({ workers: 2, jobs: 2, callMs: (job) => 10 + 37 * job })
    stage.start()
    await stage.clock.settle()
    stage.database.away = true

    await stage.clock.advance(8000)

    expect(stage.database.times.slice(1)).toEqual([10, 110, 310, 710, 1510, 3110, 5110, 7110])
  })

  test('is warned of once, with a hint', async () => {
    const stage = makeStage()
    stage.database.away = true

    stage.start()
    await stage.clock.advance(10_000)

    expect(stage.logs).toMatchObject([{ code: 'SQ503', message: expect.any(String), hint: expect.any(String) }])
  })

  test('ends the run when its budget is over and it holds nothing', async () => {
    const stage = makeStage()
    stage.database.away = true

    stage.start()
    await stage.clock.advance(90_000)

    expect(stage.ended).toMatchObject([{ reason: 'database away' }])
  })

  test('ends no run that has something to report while its isolate can live', async () => {
    const stage = makeStage({ workers: 1, jobs: 1, callMs: () => 1000 })
    stage.start()
    await stage.clock.settle()
    stage.database.away = true

    await stage.clock.advance(140_000)
    stage.database.away = false
    await stage.clock.advance(5000)

    expect(stage.database.finished.get(0)).toBe('success')
  })

  test('is tried less often when only a person can fix it', async () => {
    const stage = makeStage()
    const times: number[] = []
    stage.database.takeTurn = () => {
      times.push(stage.clock.now())
      return Promise.reject(new SupaqueueError('SQ404', 'm', 'h', { passing: false }))
    }

    stage.start()
    await stage.clock.advance(60_000)

    expect(times.slice(-2)).toEqual([42_700, 52_700])
  })

  test('does not hold up other reports when one of them is refused every time', async () => {
    const stage = makeStage({ workers: 3, jobs: 30, callMs: () => 10 })
    const { takeTurn } = stage.database
    stage.database.takeTurn = (request) => {
      const poisonous = stage.database.claims.find(({ job }) => job === 1)?.token
      return request.reports.some(({ token }) => token === poisonous)
        ? Promise.reject(networkFault())
        : takeTurn(request)
    }

    stage.start()
    await stage.clock.advance(60_000)

    expect(stage.database.finished.size).toBe(29)
    expect([...stage.calls.values()]).toEqual(Array(30).fill(1))
  })
})

describe('a report', () => {
  test('that met a locked row is brought again after 250 ms, and not before', async () => {
    const stage = makeStage({ workers: 1, jobs: 1, callMs: () => 100 })
    stage.start()
    await stage.clock.settle()
    const token = stage.database.claims[0]!.token
    stage.database.locked.add(token)

    await stage.clock.advance(400)
    stage.database.locked.clear()
    await stage.clock.advance(300)

    const brought = stage.database.times.filter((_, turn) => stage.database.requests[turn]!.reports.length > 0)
    expect(brought).toEqual([100, 350, 600])
    expect(stage.database.finished.get(0)).toBe('success')
  })

  test('that came too late is dropped, with one line in the log', async () => {
    const stage = makeStage({ workers: 3, jobs: 3, callMs: (job) => 100 + job })
    stage.start()
    await stage.clock.settle()
    stage.database.claims.splice(0)

    await stage.clock.advance(5000)

    expect(stage.logs).toMatchObject([{ code: 'SQ409' }])
    expect(stage.database.requests.flatMap(({ reports }) => reports)).toHaveLength(3)
    expect(stage.ended).toHaveLength(1)
  })
})

describe('the budget', () => {
  const stops = (stage: Stage) => stage.database.requests.filter(({ stop }) => stop)
  const retires = (stage: Stage) => stage.database.requests.filter(({ retire }) => retire)

  test('of jobs: calls a successor before it is spent, begins no job beyond it, and hands over what is left', async () => {
    const stage = makeStage({ workers: 2, jobs: 50, callMs: () => 10, settings: { run_max_jobs: '10' } })

    stage.start()
    await stage.clock.advance(10_000)

    expect(retires(stage).length).toBeGreaterThan(0)
    expect(stage.calls.size).toBe(10)
    expect(stops(stage).map(({ room }) => room)).toContain(0)
    expect(stage.database.requests.at(-1)).toMatchObject({ stop: true, room: 0 })
    expect(stage.ended).toMatchObject([{ reason: 'jobs', jobs: 10, success: 10 }])
    expect(stage.database.claims.filter(({ run }) => run !== null)).toEqual([])
    expect(stage.database.wakeUps).toBeGreaterThanOrEqual(2)
  })

  test('of jobs: the queue is handed over at once, not when the last calls end', async () => {
    const stage = makeStage({ workers: 3, jobs: 5, settings: { run_max_jobs: '3' } })
    stage.isolate.limits = { ...stage.isolate.limits, run_max_jobs: 3 }

    stage.start()
    await stage.clock.settle()

    expect(stage.underWay.size).toBe(3)
    expect(stage.database.requests.map(({ stop }) => stop)).toEqual([false, true])
  })

  test('that is over: what ends soon after one another is reported in one turn', async () => {
    const stage = makeStage({ workers: 3, jobs: 5, callMs: (job) => 100 + 20 * job })
    stage.isolate.limits = { ...stage.isolate.limits, run_max_jobs: 3 }
    const { takeTurn } = stage.database
    stage.database.takeTurn = async (request) => ({ ...await takeTurn(request), settings: null })

    stage.start()
    await stage.clock.advance(1000)

    expect(stage.database.requests.map(({ reports }) => reports.length)).toEqual([0, 0, 3])
  })

  test('of age: takes no work that could outlive the isolate, and reports what is under way', async () => {
    const stage = makeStage({ workers: 1, jobs: 500, callMs: () => 1900, settings: { run_max_turns: '9999' } })

    stage.start()
    await stage.clock.advance(100_000)

    const begun = stage.database.requests.filter(({ room }) => room > 0).length
    expect(begun).toBeGreaterThan(30)
    expect(stage.ended).toMatchObject([{ reason: 'age' }])
    expect(stage.ended[0]!.ms).toBeGreaterThanOrEqual(80_000)
    expect(stage.ended[0]!.ms).toBeLessThan(82_000)
    expect(stage.database.claims.filter(({ run }) => run !== null)).toEqual([])
  })

  test('of age: the successor is called once the platform would send it to another isolate', async () => {
    const stage = makeStage({ workers: 1, jobs: 500, callMs: () => 200, settings: { run_max_turns: '9999' } })

    stage.start()
    await stage.clock.advance(100_000)

    const retired = stage.database.requests.findIndex(({ retire }) => retire)
    expect(stage.database.times[retired]).toBeGreaterThanOrEqual(76_000)
    expect(stage.database.times[retired]).toBeLessThan(77_000)
  })

  test('of age: a job whose own timeout would outlive the isolate goes back, and the next run begins it', async () => {
    const stage = makeStage({
      workers: 3,
      callMs: () => 10,
      timeoutMs: (job) => job === 1 ? 120_000 : undefined,
      settings: { linger_ms: '60000' },
    })
    stage.start()
    await stage.clock.advance(30_000)

    stage.database.enqueue(3)
    await stage.clock.advance(1000)

    expect([...stage.calls.keys()]).toEqual([0, 2])
    expect(stage.database.reports.filter(({ outcome }) => outcome === 'not_run')).toMatchObject([{ retry_after_ms: 0 }])
    expect(stage.ended).toMatchObject([{ reason: 'age', jobs: 2 }])
    expect(stage.database.wakeUps).toBeGreaterThan(0)

    stage.start()
    await stage.clock.advance(1000)

    expect([...stage.calls]).toEqual([[0, 1], [2, 1], [1, 1]])
  })

  test('of age: a job with a longer timeout of its own is begun while there is time for it', async () => {
    const stage = makeStage({
      workers: 3,
      callMs: () => 10,
      timeoutMs: () => 100_000,
      settings: { linger_ms: '60000' },
    })
    stage.start()
    await stage.clock.advance(20_000)

    stage.database.enqueue(3)
    await stage.clock.advance(1000)

    expect(stage.calls.size).toBe(3)
    expect(stage.ended).toEqual([])
  })

  test('of turns: is spent by looking too; a run that retired does not become the leader again', async () => {
    const stage = makeStage({ workers: 1, jobs: 1, settings: { run_max_turns: '100', linger_ms: '60000' } })

    stage.start()
    await stage.clock.advance(10_000)
    stage.end(0)
    await stage.clock.advance(1000)

    expect(retires(stage).length).toBeGreaterThan(0)
    expect(stage.database.wakeUps).toBe(1)
    expect(stage.database.heartbeat.run).toBe(null)
    expect(stage.ended).toMatchObject([{ reason: 'leave', success: 1 }])
  })

  test('ends at once when the platform allows no more calls: what is not begun goes back', async () => {
    const stage = makeStage({ workers: 3, jobs: 9, callMs: () => 10, answer: (job) => job === 0 ? spent : success })

    stage.start()
    await stage.clock.advance(600)

    expect(stage.calls.size).toBe(3)
    expect(stage.database.reports.find(({ retry_after_ms }) => retry_after_ms === 700)).toBeDefined()
    expect(stage.database.requests.at(-1)).toMatchObject({ stop: true, room: 0 })
    expect(stage.database.wakeUps).toBeGreaterThan(0)
    expect(stage.ended).toMatchObject([{ reason: 'rate limit' }])
  })
})

describe('the end of the isolate', () => {
  test('gives back what a turn brings too late, and reports what is done, in one turn', async () => {
    const stage = makeStage({ workers: 3, jobs: 2 })
    const run = stage.start()
    await stage.clock.settle()
    let open = () => {}
    stage.database.gate = new Promise((resolve) => open = resolve)
    stage.database.enqueue(1)
    await stage.clock.advance(80)

    run.unload()
    stage.end(0)
    open()
    await stage.clock.settle()

    const last = stage.database.requests.at(-1)!
    expect(last).toMatchObject({ stop: true, room: 0 })
    expect(last.reports.map(({ outcome, retry_after_ms }) => [outcome, retry_after_ms])).toEqual(
      expect.arrayContaining([['success', undefined], ['not_run', 0]]),
    )
    expect(stage.calls.size).toBe(2)
    expect([...stage.underWay.keys()]).toEqual([1])
  })

  test('does not wait for the next try of a failing turn', async () => {
    const stage = makeStage({ workers: 1, jobs: 1 })
    const run = stage.start()
    await stage.clock.settle()
    stage.database.away = true
    await stage.clock.advance(20_000)
    stage.database.away = false
    const turns = stage.database.requests.length

    run.unload()
    await stage.clock.settle()

    expect(stage.database.requests.slice(turns)).toMatchObject([{ stop: true }])
  })

  test('does not stop the reporting of calls that still end', async () => {
    const stage = makeStage({ workers: 1, jobs: 1 })
    const run = stage.start()
    await stage.clock.settle()

    run.unload()
    await stage.clock.advance(5000)
    stage.end(0)
    await stage.clock.settle()

    expect(stage.database.finished.get(0)).toBe('success')
    expect(stage.ended).toMatchObject([{ reason: 'unload' }])
  })
})

describe('a run whose turns are refused when they bring too much', () => {
  const bearable = (room: number) => (request: { room: number }) => request.room <= room

  test('asks for less until they are not, calls everything, and asks for more again', async () => {
    const stage = makeStage({ workers: 20, jobs: 60, callMs: () => 500 })
    const { takeTurn } = stage.database
    const rooms: number[] = []
    stage.database.takeTurn = (request) => {
      rooms.push(request.room)
      return bearable(3)(request)
        ? takeTurn(request)
        : Promise.reject(new Error('canceling statement due to statement timeout'))
    }

    stage.start()
    await stage.clock.advance(120_000)

    expect([...stage.calls.values()]).toEqual(Array(60).fill(1))
    expect(Math.min(...rooms.slice(0, 8))).toBeLessThanOrEqual(3)
    expect(stage.ended).toMatchObject([{ success: 60 }])
  })

  test('brings its reports in smaller and smaller parts', async () => {
    const result = 'x'.repeat(100_000)
    const stage = makeStage({
      workers: 20,
      jobs: 20,
      callMs: () => 500,
      answer: () => ({ outcomes: [{ outcome: 'success', result }], chainSpent: false }),
    })
    const { takeTurn } = stage.database
    const sizes: number[] = []
    stage.database.takeTurn = (request) => {
      sizes.push(request.reports.length)
      return request.reports.length <= 2 ? takeTurn(request) : Promise.reject(new Error('57014'))
    }

    stage.start()
    await stage.clock.advance(120_000)

    expect(Math.max(...sizes)).toBeLessThan(10)
    expect(stage.ended).toMatchObject([{ success: 20 }])
  })
})

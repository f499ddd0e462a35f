import fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeStage } from '../support/stage.ts'

const fault = fc.constantFrom(undefined, undefined, undefined, 'request lost' as const, 'answer lost' as const)

test('in any order of results, faults and wake-ups every job is called once and reported', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        workers: fc.integer({ min: 1, max: 40 }),
        jobs: fc.integer({ min: 0, max: 60 }),
        turnMs: fc.integer({ min: 0, max: 30 }),
        callMs: fc.array(fc.integer({ min: 0, max: 4000 }), { minLength: 1, maxLength: 12 }),
        concurrency: fc.integer({ min: 1, max: 30 }),
        maxJobs: fc.integer({ min: 1, max: 40 }),
        maxTurns: fc.integer({ min: 2, max: 40 }),
        lingerMs: fc.constantFrom(0, 2000),
        faults: fc.array(fault, { maxLength: 40 }),
        answerMs: fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 40 }),
        later: fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 5 }),
        unloadAt: fc.option(fc.integer({ min: 0, max: 2000 })),
      }),
      async (
        { workers, jobs, turnMs, callMs, concurrency, maxJobs, maxTurns, lingerMs, faults, answerMs, later, unloadAt },
      ) => {
        const stage = makeStage({
          workers,
          jobs,
          turnMs,
          callMs: (job) => callMs[job % callMs.length]!,
          settings: {
            concurrency: String(concurrency),
            run_max_jobs: String(maxJobs),
            run_max_turns: String(maxTurns),
            linger_ms: String(lingerMs),
          },
        })
        const { clock, database } = stage
        database.faults = [...faults]
        database.answerMs = [...answerMs]
        const all = jobs + later.reduce((sum, count) => sum + count, 0)

        const first = stage.start()
        stage.start() // a doubled wake-up
        if (unloadAt !== null) clock.after(unloadAt, first.unload)
        for (let step = 0; step < 4000 && (database.finished.size < all || step < 10); step++) {
          const count = step % 3 === 2 ? later.shift() : undefined
          if (count) database.enqueue(count)
          for (; database.wakeUps > 0; database.wakeUps--) stage.start()
          await clock.advance(250)
          // The sweep: a queue that nobody keeps while something is due is woken.
          if (step % 40 === 39) database.wakeUps++
        }
        await clock.advance(200_000)

        expect(database.finished.size).toBe(all)
        expect([...stage.calls.values()]).toEqual(Array(all).fill(1))
        expect(stage.mostCallsAtOnce).toBeLessThanOrEqual(workers)
        expect(database.claims.filter(({ run }) => run !== null)).toEqual([])
        expect(clock.timers()).toBe(0)
        expect(stage.missed).toEqual([])
      },
    ),
    { numRuns: 100 },
  )
})

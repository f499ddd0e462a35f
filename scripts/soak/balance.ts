import { readFileSync } from 'node:fs'
import { audit } from './audit.ts'
import { countUnknown, endUnknown, explain, isBalanced } from './ledger.ts'
import { accidentsIn } from './log.ts'
import { readOutcomes } from './outcomes.ts'
import { type Scene, type SoakPlan, withDatabase } from './scene.ts'
import { settle } from './settle.ts'
import { readSizes } from './sizes.ts'
import type { Strain } from './strain.ts'

export type Ledger = Awaited<ReturnType<typeof balance>>

// A lease of twelve seconds, a sweep every ten, and a machine that has other things to do.
const settleDeadlineMs = 120_000

/** Waits until everything has come to its end, and balances the books. */
export function balance(
  { stack, recorder: { visits }, queues, sizesBefore }: Scene,
  { seed }: SoakPlan,
  { load, loadedForMs, faults, memory }: Strain,
) {
  const begun = Date.now()
  return withDatabase(stack, async (db) => {
    const settled = await settle(db, load.book, { sweep: false, deadlineMs: settleDeadlineMs })
    const settledInMs = Date.now() - begun
    await memory.look()

    const outcomes = await readOutcomes(db)
    const { findings, repeats, ends } = await audit(db, load.book, visits, endUnknown(outcomes))
    const ranAgain = explain(repeats, outcomes)
    const serverLog = readFileSync(stack.postgres!.log, 'utf8')
    const accidents = [...load.errors.map(String), ...load.warnings, ...accidentsIn(serverLog)]
    const { committed, undone, unsure } = load.book.counts()
    const sizes = await readSizes(db)

    return {
      balanced: settled && isBalanced({ findings, repeats: ranAgain, accidents }),
      seed,
      loaded_for_ms: loadedForMs,
      settled_in_ms: settledInMs,
      in: committed,
      done: ends.success,
      failed: ends.failed,
      gone_with_their_queue: ends.gone,
      lost: new Set([...findings.neverRan, ...findings.wrongEnd.map(({ job }) => job)]).size,
      rolled_back: undone,
      commit_unknown: unsure,
      unknown_outcomes: countUnknown(outcomes),
      ran_again: ranAgain,
      // Queues that come and go have too many ids to name.
      parallel: queues.ofKind('fixed', 'resized').map(({ id, plan: { name, kind, workers } }) => ({
        queue: name,
        workers: kind === 'fixed' ? workers : 'changing',
        most: visits.most(id),
      })),
      findings,
      accidents,
      faults,
      connections_lost: load.losses(),
      memory: memory.report(),
      tables: sizes.map((after) => {
        const before = sizesBefore.find(({ table }) => table === after.table)
        return { table: after.table, before: before ?? null, after }
      }),
    }
  })
}

import type pg from 'pg'
import { setTimeout as pause } from 'node:timers/promises'
import type { Actor } from './actor.ts'
import { type Footprint, withStep } from './footprint.ts'
import type { Script } from './script.ts'

/** A step that was taken, or could be. */
export type Move = { actor: number; label: string; touches: Footprint }

export type Played = {
  moves: Move[]
  /** False when nobody was chosen and the rest was given up. */
  whole: boolean
  /** Errors that were not foreseen, and warnings. */
  problems: string[]
}

type Part = {
  script: Script
  actor: Actor
  at: number
  state: 'ready' | 'under way' | 'waiting' | 'over'
  /** What its transaction has changed and locked so far. */
  releases: Footprint
}

/**
 * Plays the scripts, each on its session, one step at a time. Which session takes the next step is for `choose` to say,
 * among those that can; undefined gives up. A session that waits for another goes on as soon as it can, without being
 * chosen.
 */
export async function play(
  { scripts, actors, conductor, pauses }: {
    scripts: Script[]
    actors: Actor[]
    conductor: pg.Client
    pauses: Map<string, Footprint>
  },
  choose: (moves: Move[]) => number | undefined,
): Promise<Played> {
  const parts: Part[] = scripts.map((script, nth) => ({
    script,
    actor: actors[nth]!,
    at: -1,
    state: 'ready',
    releases: {},
  }))
  const moves: Move[] = []
  const problems: string[] = []

  try {
    for (const part of parts.filter(({ script }) => script.headStart)) {
      part.releases = withStep({}, part.script.steps[0]!.touches)
      await take(part)
      await comeToStop()
    }
    while (true) {
      const possible = await possibleMoves()
      if (possible.length === 0) {
        if (!parts.some(({ state }) => state === 'waiting')) break
        // Sessions that wait for each other in a circle: PostgreSQL breaks it, and that is an error.
        await pause(20)
        await comeToStop()
        continue
      }
      const chosen = choose(possible)
      if (chosen === undefined) return { moves, whole: false, problems }
      const move = possible.find(({ actor }) => actor === chosen)!
      moves.push(move)
      parts[chosen]!.releases = withStep(parts[chosen]!.releases, move.touches)
      await take(parts[chosen]!)
      await comeToStop()
    }
  } finally {
    for (const { actor, state, at } of parts) if (state !== 'over' && at >= 0) await actor.abandon()
  }
  for (const { actor, script } of parts) {
    problems.push(...actor.warnings.splice(0).map((warning) => `${script.name} was warned: ${warning}`))
  }
  return { moves, whole: true, problems }

  async function possibleMoves(): Promise<Move[]> {
    const possible: Move[] = []
    for (const [nth, part] of parts.entries()) {
      const { script, actor, at, state } = part
      if (state !== 'ready') continue
      const reached = actor.reached()
      if (reached?.kind === 'paused' && at >= 0) {
        const touches = pauses.get(reached.label)
        if (!touches) throw new Error(`${script.name} pauses where nobody expects it: ${reached.label}`)
        possible.push({ actor: nth, label: `${script.name}: ${reached.label}`, touches: inFull(part, touches) })
        continue
      }
      const step = script.steps[at + 1]
      if (!step) throw new Error(`${script.name} went on by itself: ${JSON.stringify(reached)}`)
      const { name, touches, when } = step
      if (!when || await when.isSo()) {
        possible.push({ actor: nth, label: `${script.name}: ${name}`, touches: inFull(part, touches) })
      }
    }
    return possible
  }

  function inFull({ script, at, releases }: Part, touches: Footprint): Footprint {
    // Who is refused rolls back where nobody expects it. And who lets a waiting session go takes its step too.
    if (script.steps[at]?.mayBeRefused || parts.some(({ state }) => state === 'waiting')) return { all: true }
    if (!touches.ends) return touches
    return releases.all ? { all: true } : { ...touches, releases }
  }

  async function take(part: Part): Promise<void> {
    part.state = 'under way'
    if (part.at >= 0 && part.actor.reached()?.kind === 'paused') {
      await part.actor.resume()
    } else {
      part.at++
      const { sql, when } = part.script.steps[part.at]!
      await when?.take()
      part.actor.begin(sql)
    }
  }

  /** Until every session has paused, answered, or waits for another session here. */
  async function comeToStop(): Promise<void> {
    for (const part of parts) if (part.state === 'waiting') part.state = 'under way'
    // On a busy machine a statement takes its time, and to ask who waits takes some of it.
    for (let askAfterMs = 2;; askAfterMs = Math.min(2 * askAfterMs, 32)) {
      const moving = parts.filter(({ state }) => state === 'under way')
      if (moving.length === 0) return
      await Promise.race([...moving.map(({ actor }) => actor.next()), pause(askAfterMs)])
      for (const part of moving) await note(part)

      const still = parts.filter(({ state }) => state === 'under way')
      if (still.length === 0) return
      const waiting = await whoWaits()
      // Only when all of those still under way wait is it sure that nobody is about to let them go.
      if (still.every(({ actor }) => waiting.includes(actor.pid) && !actor.reached())) {
        for (const part of still) part.state = 'waiting'
        return
      }
    }
  }

  async function note(part: Part): Promise<void> {
    const reached = part.actor.reached()
    if (!reached) return
    part.state = 'ready'
    if (reached.kind === 'paused') return
    if (reached.kind === 'refused') {
      if (!part.script.steps[part.at]!.mayBeRefused?.includes(reached.code)) {
        problems.push(`${part.script.name} was refused: ${reached.code} ${reached.message}`)
      }
      await part.actor.abandon()
      part.state = 'over'
      return
    }
    const { touches, hear } = part.script.steps[part.at]!
    if (touches.ends) part.releases = {}
    hear?.(reached.rows)
    if (part.at + 1 === part.script.steps.length) part.state = 'over'
  }

  async function whoWaits(): Promise<number[]> {
    const { rows } = await conductor.query('select interleaving.waiting($1) as pids', [
      parts.map(({ actor }) => actor.pid),
    ])
    return rows[0].pids
  }
}

import { type Footprint, isDependent } from './footprint.ts'
import { causes } from './order.ts'
import type { Move, Played } from './play.ts'

/** Plays one interleaving from the beginning. It is asked which session goes on; undefined gives up. */
export type PlayOne = (choose: (possible: Move[]) => number | undefined) => Promise<Played>

/** Plays interleavings. Returns whether none was left out. */
export type Search = (playOne: PlayOne) => Promise<boolean>

// A machine that stands still for seconds lets a heartbeat run out. The interleaving is played once more. Where it leads
// elsewhere again and again, it stood still when the fork was seen first: that is forgotten, with all behind it.
const REPLAYS = 3
const MAY_FORGET = 20

/** Where a choice was made. */
type Fork = {
  possible: Move[]
  /** Not worth choosing here: whatever could follow was seen where the same moves came in another order. */
  asleep: Map<number, Footprint>
  /** To be chosen here, sooner or later. */
  wanted: Set<number>
  tried: Set<number>
  chosen: number
}

/**
 * Plays every interleaving, but of those that differ only by swaps of neighbouring steps that do not notice each other
 * (footprint.ts) only one. Dynamic partial-order reduction with source sets and sleep sets: after each play, for every two steps that
 * do notice each other and could have come the other way round, the other way round is wanted too.
 */
export async function explore(playOne: PlayOne, limit = Infinity): Promise<boolean> {
  const forks: Fork[] = []
  let strayed = 0
  let forgotten = 0
  for (let count = 0; count < limit; count++) {
    let depth = 0
    let straying: string | undefined
    const { moves } = await playOne((possible) => {
      const fork = forks[depth] ?? open(forks, possible)
      if (!fork) return undefined
      const labels = possible.map(({ label }) => label).join(', ')
      if (fork.possible.map(({ label }) => label).join(', ') !== labels) {
        straying = labels
        return undefined
      }
      depth++
      return fork.chosen
    })
    if (straying === undefined) {
      strayed = 0
      wantReversals(forks, moves)
      if (!turnBack(forks)) return true
    } else if (++strayed > REPLAYS) {
      if (++forgotten > MAY_FORGET) throw new Error(`the same choices lead elsewhere: ${straying}`)
      strayed = 0
      forks.length = depth
    }
  }
  return false
}

/** The next fork, with a first choice: the session that moved last goes on, if it can. Undefined when all is asleep. */
function open(forks: Fork[], possible: Move[]): Fork | undefined {
  const last = forks.at(-1)
  const asleep = new Map<number, Footprint>()
  if (last) {
    const taken = last.possible.find(({ actor }) => actor === last.chosen)!
    for (const [actor, touches] of last.asleep) asleep.set(actor, touches)
    for (const { actor, touches } of last.possible) if (last.tried.has(actor)) asleep.set(actor, touches)
    for (const [actor, touches] of asleep) {
      if (actor === last.chosen || isDependent(touches, taken.touches)) asleep.delete(actor)
    }
  }
  const awake = possible.filter(({ actor }) => !asleep.has(actor))
  const choice = awake.find(({ actor }) => actor === last?.chosen) ?? awake[0]
  if (!choice) return undefined
  const fork = { possible, asleep, wanted: new Set([choice.actor]), tried: new Set<number>(), chosen: choice.actor }
  forks.push(fork)
  return fork
}

/** Two steps that notice each other, with nothing in between that puts them in this order: the other order is wanted. */
function wantReversals(forks: Fork[], moves: Move[]): void {
  const causesOf = causes(moves)
  for (const [later, move] of moves.entries()) {
    for (let earlier = later - 1; earlier >= 0; earlier--) {
      const other = moves[earlier]!
      if (other.actor === move.actor || !isDependent(other.touches, move.touches)) continue
      if ([...causesOf[later]!].some((between) => causesOf[between]!.has(earlier))) continue
      wantOneOf(forks[earlier]!, firstsWithout(earlier, later, moves, causesOf))
    }
  }
}

/**
 * Who could begin if all that `earlier` caused were left out, on the way to `later`. Any of them leads there, so one
 * that is wanted already is enough (source sets).
 */
function firstsWithout(earlier: number, later: number, moves: Move[], causesOf: Set<number>[]): number[] {
  const rest: number[] = []
  for (let nth = earlier + 1; nth < later; nth++) if (!causesOf[nth]!.has(earlier)) rest.push(nth)
  rest.push(later)
  return rest.filter((nth) => !rest.some((before) => causesOf[nth]!.has(before))).map((nth) => moves[nth]!.actor)
}

function wantOneOf(fork: Fork, actors: number[]): void {
  if (actors.some((actor) => fork.wanted.has(actor))) return
  const possible = actors.filter((actor) => fork.possible.some((move) => move.actor === actor))
  if (possible.length > 0) fork.wanted.add(possible[0]!)
  // Whoever could begin was waiting, or for a wake-up: any of the others may be what lets it go.
  else for (const { actor } of fork.possible) fork.wanted.add(actor)
}

/** To the last fork where something wanted is untried, and there to it. False when there is none. */
function turnBack(forks: Fork[]): boolean {
  while (forks.length > 0) {
    const fork = forks.at(-1)!
    fork.tried.add(fork.chosen)
    const next = [...fork.wanted].find((actor) => !fork.tried.has(actor) && !fork.asleep.has(actor))
    if (next !== undefined) {
      fork.chosen = next
      return true
    }
    forks.pop()
  }
  return false
}

/** Plays so many interleavings by chance. The same seed gives the same ones. */
export const byChance = (count: number, seed: number): Search => async (playOne) => {
  const next = makeChance(seed)
  for (let nth = 0; nth < count; nth++) {
    await playOne((possible) => possible[next() % possible.length]!.actor)
  }
  return false
}

/** Whole numbers from 0 up that look like chance (mulberry32). */
function makeChance(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
}

import { isDependent } from './footprint.ts'
import type { Move } from './play.ts'

/** For each move, the moves before it that it cannot be swapped past: its own session's and dependent ones, and theirs. */
export function causes(moves: Move[]): Set<number>[] {
  const all: Set<number>[] = []
  for (const [later, move] of moves.entries()) {
    const before = new Set<number>()
    for (let earlier = later - 1; earlier >= 0; earlier--) {
      if (before.has(earlier)) continue
      const other = moves[earlier]!
      if (other.actor !== move.actor && !isDependent(other.touches, move.touches)) continue
      before.add(earlier)
      for (const cause of all[earlier]!) before.add(cause)
    }
    all.push(before)
  }
  return all
}

/**
 * How many interleavings are the same as this one but for swaps of neighbours that do not notice each other: the ways
 * to put the moves in a row that keep every cause before what it causes.
 */
export function countEqual(moves: Move[]): bigint {
  const causesOf = causes(moves)
  const actors = [...new Set(moves.map(({ actor }) => actor))]
  const chains = actors.map((actor) => moves.flatMap((move, nth) => move.actor === actor ? [nth] : []))
  const place = new Map(chains.flatMap((chain, at) => chain.map((nth, index) => [nth, { at, index }] as const)))
  const known = new Map<string, bigint>()

  /** In how many ways the rest can follow when so many moves of each session are done. */
  const ways = (done: number[]): bigint => {
    if (chains.every((chain, nth) => done[nth] === chain.length)) return 1n
    const key = done.join()
    const seen = known.get(key)
    if (seen !== undefined) return seen
    let sum = 0n
    for (const [nth, chain] of chains.entries()) {
      const next = chain[done[nth]!]
      if (next === undefined) continue
      const isFree = [...causesOf[next]!].every((cause) => place.get(cause)!.index < done[place.get(cause)!.at]!)
      if (isFree) sum += ways(done.map((count, at) => at === nth ? count + 1 : count))
    }
    known.set(key, sum)
    return sum
  }
  return ways(chains.map(() => 0))
}

/** Chance that is the same every time for the same seed. */
export type Random = {
  /** A whole number from 0 up to, but not including, `end`. */
  below(end: number): number
  /** A whole number from `first` to `last`. */
  between(first: number, last: number): number
  /** Whether something happens that happens with this probability. */
  chance(probability: number): boolean
  pick<T>(choices: readonly T[]): T
  /** One of the names, by their weights. */
  weighted<Name extends string>(weights: Partial<Record<Name, number>>): Name
  shuffle<T>(choices: readonly T[]): T[]
}

export function makeRandom(seed: number): Random {
  let state = seed >>> 0

  // The generator called mulberry32: 32 bits of state are plenty to choose acts and faults by.
  const next = () => {
    state = state + 0x6d2b79f5 >>> 0
    let mixed = Math.imul(state ^ state >>> 15, state | 1)
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61)
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32
  }
  const below = (end: number) => Math.floor(next() * end)

  return {
    below,
    between: (first, last) => first + below(last - first + 1),
    chance: (probability) => next() < probability,
    pick: <T>(choices: readonly T[]) => choices[below(choices.length)] as T,
    weighted<Name extends string>(weights: Partial<Record<Name, number>>) {
      const entries = Object.entries(weights) as [Name, number][]
      let left = next() * entries.reduce((sum, [, weight]) => sum + weight, 0)
      return (entries.find(([, weight]) => (left -= weight) < 0) ?? entries.at(-1)!)[0]
    },
    shuffle<T>(choices: readonly T[]) {
      const rest = [...choices]
      return choices.map(() => rest.splice(below(rest.length), 1)[0] as T)
    },
  }
}

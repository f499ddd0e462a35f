import { byChance, explore, type Search } from './explore.ts'
import type { Findings, Scenario } from './rehearse.ts'

const BY_CHANCE = 40

/**
 * How much of a scenario is played: all of it, but of a large or a timed one only some interleavings by chance, the same in every
 * run. INTERLEAVINGS=all plays large ones whole, too; INTERLEAVINGS=1000 as many of them by chance.
 */
export function searchFor({ large, timed }: Scenario): Search {
  const wanted = process.env.INTERLEAVINGS
  if (!timed && (!large || wanted === 'all')) return explore
  return byChance(
    Number(wanted === 'all' ? BY_CHANCE : wanted ?? BY_CHANCE),
    Number(process.env.INTERLEAVINGS_SEED ?? 1),
  )
}

/** One line on what was played. */
export function tell(title: string, { played, standFor, complete }: Findings): string {
  const many = played.toLocaleString('en')
  return complete
    ? `${title}: ${many} interleavings played, which stand for all ${standFor.toLocaleString('en')}`
    : `${title}: ${many} interleavings played, by chance`
}

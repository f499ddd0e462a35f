import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rehearse, type Scenario } from './rehearse.ts'
import { searchFor, tell } from './share.ts'
import { setStage, type Stage } from './stage.ts'

const ONE_DAY_MS = 86_400_000

/** A test per scenario: nothing is wrong in any interleaving of it that is played. `set` makes the stage. */
export function rehearsals(scenarios: Scenario[], set: () => Promise<Stage> = setStage): void {
  describe('in every interleaving no wake-up is lost, nobody deadlocks and nothing fails:', () => {
    let stage: Stage
    let total = 0

    beforeAll(async () => {
      stage = await set()
    })
    afterAll(async () => {
      console.log(`interleavings played in all: ${total.toLocaleString('en')}`)
      await stage?.close()
    })

    for (const scenario of scenarios) {
      test(scenario.title, { timeout: ONE_DAY_MS }, async () => {
        const findings = await rehearse(stage, scenario, searchFor(scenario))

        total += findings.played
        console.log(tell(scenario.title, findings))
        expect(findings.fault).toBeUndefined()
        expect(findings.played).toBeGreaterThan(0)
      })
    }
  })
}

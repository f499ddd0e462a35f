import { test } from '../../../support/harness.ts'
import { compareChanges } from './compared.ts'

test(
  'a table with 100,000 rows, changed in bulk and by two writers at once, makes the jobs that a comparison demands',
  { timeout: 1_800_000 },
  async ({ ownDatabase }) => {
    await compareChanges(ownDatabase, 100_000, Number(process.env.HOOK_RUNS ?? 6))
  },
)

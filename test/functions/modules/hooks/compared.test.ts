import { test } from '../../../support/harness.ts'
import { compareChanges } from './compared.ts'

// compared.proof.ts has the same with a hundred thousand rows.
test('bulk changes, and two writers at once, make the jobs that a comparison of the tables demands', async ({ ownDatabase }) => {
  await compareChanges(ownDatabase, 500, Number(process.env.HOOK_RUNS ?? 15))
})

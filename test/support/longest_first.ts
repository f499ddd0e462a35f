import { relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What takes longest, longest first. A file that is begun last and takes minutes has all cores but one wait for it. */
export const LONGEST = [
  'test/brothers.proof.ts',
  'test/steps/kills.proof.ts',
  'test/interleavings/by_hand.proof.ts',
  'test/migrations/bounds.proof.ts',
  'test/concurrency/upgrades.proof.ts',
  'test/scripts/build/package/way.proof.ts',
  'test/functions/modules/hooks/compared.proof.ts',
  'test/faults/tables.proof.ts',
  'test/faults/triggers.proof.ts',
  'test/docs/followed.proof.ts',
  'test/interleavings/two_sessions.proof.ts',
  'test/functions/extreme_arguments.proof.ts',
  'test/concurrency/storm.proof.ts',
  'test/model/model.proof.ts',
  'test/scripts/cli/commands/from_published.proof.ts',
  'test/scripts/work/deaths.proof.ts',
  'test/console/load.proof.ts',
  'test/adversaries/borders.proof.ts',

  'test/scripts/cli/commands/install.test.ts',
  'test/console/jobs.test.ts',
  'test/console/overview.test.ts',
  'test/console/failures.test.ts',
  'test/troubles.test.ts',
  'test/faults/locked_at_commit.test.ts',
  'test/faults/poison.test.ts',
  'test/adversaries/columns.test.ts',
  'test/supabase/functions/_shared/supaqueue/open_queue.test.ts',
  'test/migrations/apply.test.ts',
  'test/readme.test.ts',
  'test/console/runs.test.ts',
  'test/scripts/cli/commands/api.test.ts',
  'test/docs/recipes.test.ts',
  'test/delivery.test.ts',
  'test/scripts/dev/stack.test.ts',
  'test/adversaries/api_key.test.ts',
  'test/faults/extensions.test.ts',
  'test/scripts/dev/rest/rest.test.ts',
  'test/functions/modules/needs.test.ts',
  'test/adversaries/hostile_database.test.ts',
  'test/console/job.test.ts',
  'test/scripts/cli/commands/init.test.ts',
  'test/functions/modules/batches/any_batch.test.ts',
  'test/bench/programs.test.ts',
]

/** Begins with the longest files; with those that have a process to themselves before those that share one. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const found = LONGEST.indexOf(relative(this.ctx.config.root, moduleId).replaceAll('\\', '/'))
      return found < 0 ? LONGEST.length : found
    }
    // The rest by what Vitest knows of the last run, or by size.
    return (await super.sort(files)).sort((one, other) => place(one) - place(other))
  }
}

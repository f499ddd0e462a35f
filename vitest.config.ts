import { availableParallelism } from 'node:os'
import { configDefaults, defineConfig } from 'vitest/config'
import { findChromium } from './test/console/support/chromium.ts'

// CI has it, or says so; who only tries the project may do without.
const withoutBrowser = !process.env.CI && findChromium() === undefined
if (withoutBrowser) console.log('the pages in a browser were NOT tested: Chromium not found (console/README.md)')

/** What holds for tests and proofs alike. */
export const common = {
  globalSetup: ['test/support/cluster.ts'],
  // Generous: no test is about how fast something is, and machines are shared.
  testTimeout: 120_000,
  hookTimeout: 240_000,
  // Tests wait for databases and processes more than they compute. On its own, Vitest leaves one core idle.
  maxWorkers: Math.max(2, Math.min(availableParallelism(), 8)),
}

/** What a change must pass: `pnpm test`. What takes longer is in vitest.proofs.config.ts. */
export default defineConfig({
  test: {
    ...common,
    include: ['test/**/*.test.ts'],
    exclude: [
      ...configDefaults.exclude,
      ...withoutBrowser
        ? ['test/console/**', 'test/adversaries/web_page.test.ts', 'test/supabase/functions/supaqueue-api/page.test.ts']
        : [],
    ],
  },
})

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
  testTimeout: 300_000,
  hookTimeout: 300_000,
  // Tests wait for databases and processes a fifth of their time: one more than there are cores keeps all of them busy.
  maxWorkers: Math.min(availableParallelism() + 1, 8),
  exclude: [
    ...configDefaults.exclude,
    ...withoutBrowser
      ? ['test/console/**', 'test/adversaries/web_page.test.ts', 'test/supabase/functions/supaqueue-api/page.test.ts']
      : [],
  ],
}

/** What a change must pass: `pnpm test`. What takes longer is in vitest.proofs.config.ts. */
export default defineConfig({
  test: { ...common, include: ['test/**/*.test.ts'] },
})

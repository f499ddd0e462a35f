import { configDefaults, defineConfig } from 'vitest/config'
import { findChromium } from './test/console/support/chromium.ts'

// CI has it, or says so; who only tries the project may do without.
const withoutBrowser = !process.env.CI && findChromium() === undefined
if (withoutBrowser) console.log('the pages in a browser were NOT tested: Chromium not found (console/README.md)')

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [
      ...configDefaults.exclude,
      ...withoutBrowser ? ['test/console/**', 'test/supabase/functions/supaqueue-api/page.test.ts'] : [],
    ],
    globalSetup: ['test/support/cluster.ts'],
    // Generous: no test is about how fast something is, and machines are shared.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})

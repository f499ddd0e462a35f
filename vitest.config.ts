import { availableParallelism } from 'node:os'
import { configDefaults, defineConfig } from 'vitest/config'
import { findChromium } from './test/console/support/chromium.ts'
import { LongestFirst } from './test/support/longest_first.ts'

// CI has it, or says so; who only tries the project may do without.
const withoutBrowser = !process.env.CI && findChromium() === undefined
if (withoutBrowser) console.log('the pages in a browser were NOT tested: Chromium not found (console/README.md)')

/** What holds for a file of tests or proofs. */
export const ofEachFile = {
  // Generous: no test is about how fast something is, and machines are shared.
  testTimeout: 300_000,
  hookTimeout: 300_000,
  // Also what is asked again and again, which Vitest gives up after a second.
  expect: { poll: { timeout: 280_000 } },
  exclude: [
    ...configDefaults.exclude,
    ...withoutBrowser
      ? ['test/console/**', 'test/adversaries/web_page.test.ts', 'test/supabase/functions/supaqueue-api/page.test.ts']
      : [],
  ],
}

/** What holds for a run of tests or proofs. */
export const ofAll = {
  globalSetup: ['test/support/cluster.ts'],
  sequence: { sequencer: LongestFirst },
  // Tests of programs and pages wait half of their time, those of SQL hardly: two more than there are cores keep all of them busy.
  maxWorkers: Math.min(availableParallelism() + 2, 8),
}

/** Where files change nothing but their database, or only look. */
const SHARING = [
  'test/console/**',
  'test/docs/**',
  'test/doors/**',
  'test/examples/**',
  'test/functions/**',
  'test/house/**',
  'test/scripts/console/**',
  'test/scripts/demo/**',
  'test/supabase/functions/**',
]

/** What a change must pass: `pnpm test`. What takes longer is in vitest.proofs.config.ts. */
export default defineConfig({
  test: {
    ...ofAll,
    projects: [
      {
        test: {
          ...ofEachFile,
          name: 'rest',
          include: ['test/**/*.test.ts'],
          exclude: [...ofEachFile.exclude, ...SHARING],
        },
      },
      // Hundreds of small files. In a process of its own each took half of its time to start.
      {
        test: {
          ...ofEachFile,
          name: 'sharing',
          include: SHARING.map((folder) => `${folder}/*.test.ts`),
          isolate: false,
        },
      },
    ],
  },
})

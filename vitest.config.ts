import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/cluster.ts'],
    // Generous: no test is about how fast something is, and machines are shared.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})

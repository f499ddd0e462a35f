import { defineConfig } from 'vitest/config'

/** Beside the real extensions, where they are: `pnpm test:real`. */
export default defineConfig({
  test: {
    include: ['test/real/**/*.real.ts'],
    globalSetup: ['test/real/server.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 240_000,
  },
})

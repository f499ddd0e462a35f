import { defineConfig } from 'vitest/config'

/** Against PostgreSQL in a container: `pnpm test:containers`. */
export default defineConfig({
  test: {
    include: ['test/containers/**/*.containers.ts'],
    globalSetup: ['test/containers/container.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
})

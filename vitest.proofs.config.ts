import { defineConfig } from 'vitest/config'
import { ofAll, ofEachFile } from './vitest.config.ts'

/** What takes longer than a change should wait: interleavings, model, storms, soak, fuzz. `pnpm test:proofs`. */
export default defineConfig({
  test: {
    ...ofAll,
    ...ofEachFile,
    include: ['test/**/*.proof.ts'],
    // Each does many things one after the other, and what it waits for has a limit of its own.
    testTimeout: 1_500_000,
    hookTimeout: 1_500_000,
  },
})

import { defineConfig } from 'vitest/config'
import { common } from './vitest.config.ts'

/** What takes longer than a change should wait: interleavings, model, storms, soak, fuzz. `pnpm test:proofs`. */
export default defineConfig({ test: { ...common, include: ['test/**/*.proof.ts'], testTimeout: 300_000 } })

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { expect, test } from 'vitest'

const home = fileURLToPath(new URL('../../../../supabase/functions/supaqueue/', import.meta.url))

/** The dispatcher in one file as small as it gets; what the runtime brings along is left out. */
async function bundle(): Promise<{ bytes: number; imports: string[] }> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: `${home}index.ts`,
      write: false,
      minify: 'esbuild',
      target: 'es2022',
      rollupOptions: { external: [/^(?:node|npm):/], output: { inlineDynamicImports: false } },
    },
  })
  const chunks = [built].flat().flatMap((one) => 'output' in one ? one.output : [])
    .filter((one) => one.type === 'chunk')
  const entry = chunks.find(({ isEntry }) => isEntry)!
  const files = new Set(chunks.map(({ fileName }) => fileName))
  const imports = chunks.flatMap(({ imports }) => imports).filter((name) => !files.has(name))
  return { bytes: Buffer.byteLength(entry.code), imports: [...new Set(imports)].sort() }
}

test('what has to be read before the first job is called is at most 80 kB, and depends on the runtime alone', async () => {
  const { bytes, imports } = await bundle()

  expect(bytes).toBeLessThanOrEqual(80_000)
  expect(imports.filter((name) => !name.startsWith('node:'))).toEqual([])
})

test('its import map names the driver of a direct connection, which nothing loads at the start', () => {
  const { imports } = JSON.parse(readFileSync(`${home}deno.json`, 'utf8'))

  expect(imports).toEqual({ pg: expect.stringMatching(/^npm:pg@\d+\.\d+\.\d+$/) })
})

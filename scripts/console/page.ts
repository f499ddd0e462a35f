import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, type Rollup } from 'vite'

/** One file of the page. */
export type PageFile = { type: string; body: Buffer; zipped: Buffer }

const ROOT = join(import.meta.dirname, '../../console')

/** Builds the page, and returns its files by their path. Nothing is written to disk. */
export async function buildPage(): Promise<Map<string, PageFile>> {
  const built = await build({
    root: ROOT,
    configFile: false,
    envFile: false,
    logLevel: 'warn',
    mode: 'production',
    publicDir: false,
    esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
    build: { write: false, target: 'es2022', modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
  }) as Rollup.RollupOutput
  return new Map(built.output.map((file) => {
    const body = Buffer.from(file.type === 'chunk' ? file.code : file.source)
    return [`/${file.fileName}`, { type: typeOf(file.fileName), body, zipped: gzipSync(body, { level: 9 }) }]
  }))
}

function typeOf(name: string): string {
  if (name.endsWith('.html')) return 'text/html; charset=utf-8'
  if (name.endsWith('.js')) return 'text/javascript; charset=utf-8'
  if (name.endsWith('.css')) return 'text/css; charset=utf-8'
  if (name.endsWith('.svg')) return 'image/svg+xml'
  return 'application/octet-stream'
}

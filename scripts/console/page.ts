import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Rollup } from 'vite'
import { builtPage, home } from '../cli/place.ts'

/** One file of the page. */
export type PageFile = { type: string; body: Buffer; zipped: Buffer }

const ROOT = join(home, 'console')

/** Builds the page, and returns its files by their path. Nothing is written to disk. */
export async function buildPage(): Promise<Map<string, PageFile>> {
  const before = builtPage()
  if (before) return new Map([...before].map(([path, body]) => [path, fileOf(path, body)]))
  // Not before it is needed: what builds it is no part of the package.
  const { build } = await import('vite')
  const built = await build({
    root: ROOT,
    configFile: false,
    envFile: false,
    logLevel: 'warn',
    mode: 'production',
    publicDir: false,
    esbuild: { jsx: 'automatic', jsxImportSource: 'preact', jsxDev: false },
    build: { write: false, target: 'es2022', modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
  }) as Rollup.RollupOutput
  return new Map(built.output.map((file) => {
    const body = Buffer.from(file.type === 'chunk' ? file.code : file.source)
    return [`/${file.fileName}`, fileOf(file.fileName, body)]
  }))
}

const fileOf = (name: string, body: Buffer): PageFile => ({
  type: typeOf(name),
  body,
  zipped: gzipSync(body, { level: 9 }),
})

function typeOf(name: string): string {
  if (name.endsWith('.html')) return 'text/html; charset=utf-8'
  if (name.endsWith('.js')) return 'text/javascript; charset=utf-8'
  if (name.endsWith('.css')) return 'text/css; charset=utf-8'
  if (name.endsWith('.svg')) return 'image/svg+xml'
  return 'application/octet-stream'
}

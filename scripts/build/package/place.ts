import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'

// place.ts as the package has it: the sources are in one file, made by build.ts, and nothing is written into the package.

export const packed = true as boolean

// All of the program is in dist/.
export const home = join(import.meta.dirname, '..')

export const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string }

let read: Record<string, string> | undefined

const sources = (): Record<string, string> =>
  read ??= JSON.parse(brotliDecompressSync(readFileSync(join(home, 'dist/sources.json.br'))).toString('utf8'))

export function readOwn(path: string): string {
  const text = sources()[path]
  if (text === undefined) throw new Error(`the package lacks ${path}`)
  return text
}

export const listOwn = (folder: string): string[] =>
  Object.keys(sources()).filter((path) => path.startsWith(`${folder}/`)).map((path) => path.slice(folder.length + 1))

export function openFunctions(): { folders: string[]; release(): void } {
  const root = mkdtempSync(join(tmpdir(), 'supaqueue-'))
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  for (const part of ['supabase', 'examples']) {
    for (const path of listOwn(part)) write(`${part}/${path}`, readOwn(`${part}/${path}`))
  }
  // In one file: Deno has nothing to fetch for it.
  write('supabase/functions/supaqueue/dispatcher.js', readFileSync(join(home, 'dist/dispatcher.js'), 'utf8'))
  write('supabase/functions/supaqueue/index.ts', `import { serve } from './dispatcher.js'\n\nserve()\n`)
  return {
    folders: ['supabase/functions', 'examples/supabase/functions'].map((folder) => join(root, folder)),
    release: () => rmSync(root, { recursive: true, force: true }),
  }
}

export const replacement = () => ({
  name: 'supaqueue',
  entrances: {
    '': join(home, 'dist/index.js'),
    'edge': join(home, 'dist/edge.js'),
    'testing': join(home, 'dist/testing.js'),
    'dispatcher': join(home, 'dist/dispatcher.js'),
  },
  imports: {} as Record<string, string>,
})

export const preload = join(home, 'dist/preload.js')

export const keep = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'supaqueue')

export function builtPage(): Map<string, Buffer> | undefined {
  const folder = join(home, 'dist/console')
  return new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true, encoding: 'utf8' })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [
        path.slice(folder.length, -'.br'.length).replaceAll('\\', '/'),
        brotliDecompressSync(readFileSync(path)),
      ]),
  )
}

export const ownRequire = createRequire(import.meta.url)

import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

// Where this program finds its own files: here in a clone. The package has package/place.ts in its place.

/** Whether we are the package from npm, rather than a clone. */
export const packed = false as boolean

/** The folder of this supaqueue. */
export const home = join(import.meta.dirname, '..')

/** Which release this is. */
export const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string }

/** A text file of ours. `path` is relative to `home`, with slashes. */
export const readOwn = (path: string): string => readFileSync(join(home, path), 'utf8')

/** The files below a folder of ours, in no order, by their paths relative to it. */
export const listOwn = (folder: string): string[] =>
  readdirSync(join(home, folder), {
    recursive: true,
    withFileTypes: true,
    encoding: 'utf8',
  })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name).slice(join(home, folder).length + 1)
        .replaceAll('\\', '/')
    )

/** Where our edge functions are, for a host to serve; `release` is called when it no longer does. */
export const openFunctions = (): { folder: string; release(): void } => ({
  folder: join(home, 'supabase/functions'),
  release() {},
})

/** What runs in the process of each edge function before it. */
export const preload = join(home, 'scripts/dev/edge/preload.deno.ts')

/** What is kept from one time to the next, such as downloads. */
export const keep = join(home, '.supaqueue')

/** The page of the console, if it was built before. */
export const builtPage = (): Map<string, Buffer> | undefined => undefined

/** Finds what package.json names. */
export const ownRequire = createRequire(import.meta.url)

import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

// Where this program finds its own files: here in a clone. The package has package/place.ts in its place.

/** Whether we are the package from npm, rather than a clone. */
export const packed = false as boolean

/** The folder of this supaqueue. */
export const home = join(import.meta.dirname, '../..')

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

/** The folders with our edge functions and with the examples, for a host to serve; `release` is called when it no longer does. */
export const openFunctions = (): { folders: string[]; release(): void } => ({
  folders: [join(home, 'supabase/functions'), join(home, 'examples/supabase/functions')],
  release() {},
})

/** The package's own entrances by their names, for functions that import it; and what those import in turn. */
export const replacement = () => {
  const kit = join(home, 'supabase/functions/_shared/supaqueue')
  return {
    name: 'supaqueue',
    entrances: {
      '': join(kit, 'client.ts'),
      'edge': join(kit, 'mod.ts'),
      'testing': join(kit, 'testing.ts'),
      'dispatcher': join(home, 'supabase/functions/supaqueue/serve.ts'),
    },
    imports: JSON.parse(readOwn('supabase/functions/supaqueue/deno.json')).imports as Record<string, string>,
  }
}

/** What runs in the process of each edge function before it. */
export const preload = join(home, 'scripts/dev/edge/preload.deno.ts')

/** What is kept from one time to the next, such as downloads. */
export const keep = join(home, '.supaqueue')

/** The page of the console, if it was built before. */
export const builtPage = (): Map<string, Buffer> | undefined => undefined

/** Finds what package.json names. */
export const ownRequire = createRequire(import.meta.url)

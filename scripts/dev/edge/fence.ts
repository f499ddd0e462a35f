import { execFile } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as z from 'zod'
import { readOpened } from '../project/read_opened.ts'
import type { EdgeFunction } from './catalogue.ts'
import { cachingEnvironment, denoProgram, readingFlags } from './deno.ts'

/** Says whether a path leads to something that functions may be made of. */
export type Fence = (path: string) => boolean

/** `folders` are those that functions may be made of, and whatever is in them by its real name. */
export function makeFence(folders: string[]): Fence {
  const roots = folders.map(realPathOf)
  return (path) => {
    const real = realPathOf(path)
    return roots.some((root) => real === root || real.startsWith(root.endsWith(sep) ? root : root + sep))
  }
}

/** @throws Error which says that it leads out of the project */
export function expectWithin(fence: Fence | undefined, path: string): void {
  if (!fence || fence(path)) return
  throw new Error(`NOT STARTED: it leads out of the project, to ${path}. Put what is meant into the project.`)
}

/** The text of a file that is inside at the moment when it is read. */
export const readWithin = (fence: Fence | undefined, path: string): string =>
  readOpened(path, (real, is) => {
    expectWithin(fence, real)
    if (!is.isFile()) throw new Error(`NOT STARTED: ${path} is not a plain file`)
  })

const graph = z.object({
  modules: z.array(z.object({ specifier: z.string(), local: z.string().nullish() })),
  npmPackages: z.record(z.string(), z.object({ localPath: z.string().nullish() })).nullish(),
})

/**
 * Refuses a function that imports, directly or not, what is outside. Deno asks for permission before it reads a file at run time, but
 * for none before it loads what is imported by a name that stands in the code: `import text from '/home/me/key' with { type:
 * 'text' }` would read any file. What is imported by a name that is made at run time does need the permission.
 *
 * @throws Error which says what it imports, or what Deno says of it
 */
export async function expectImportsWithin(fence: Fence, fn: EdgeFunction, denoDirectory: string): Promise<void> {
  const { modules, npmPackages } = await readGraph(fn, denoDirectory)
  const downloads = makeFence([denoDirectory])
  const paths = [
    // Also what is not there yet.
    ...modules.map(({ specifier }) => specifier).filter((text) => /^file:/i.test(text)).map((text) =>
      fileURLToPath(text)
    ),
    ...modules.map(({ local }) => local),
    // A package may be a folder, by `links` of the configuration.
    ...Object.values(npmPackages ?? {}).map(({ localPath }) => localPath),
  ]
  for (const path of paths) if (path && !downloads(path)) expectWithin(fence, path)
}

/** Where a path leads by now; of what is not there, where the folders lead that are. */
function realPathOf(path: string): string {
  if (existsSync(path)) return realpathSync(path)
  const folder = dirname(path)
  return folder === path ? path : join(realPathOf(folder), path.slice(folder.length))
}

function readGraph(fn: EdgeFunction, denoDirectory: string): Promise<z.infer<typeof graph>> {
  return new Promise((resolve, reject) => {
    execFile(
      denoProgram(),
      ['info', '--json', ...readingFlags(fn), fn.entry],
      { cwd: fn.folder, env: cachingEnvironment(denoDirectory), maxBuffer: 2 ** 27 },
      (reason, out, problem) => {
        if (reason) return reject(new Error(problem.trim() || reason.message))
        const read = graph.safeParse(JSON.parse(out))
        if (read.success) resolve(read.data)
        else reject(new Error(`what it imports is not known: ${read.error.message}`))
      },
    )
  })
}

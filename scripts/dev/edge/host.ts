import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Keyring } from '../keyring.ts'
import { boot } from './boot.ts'
import { type EdgeFunction, type FunctionFolder, makeCatalogue, pathOf } from './catalogue.ts'
import { defaultDenoDirectory } from './deno.ts'
import type { Fence } from './fence.ts'
import { checkJwt } from './guard.ts'
import { type Replacement, withReplacement } from './imports.ts'
import { type Hosted, hostFunction } from './hosted.ts'
import { refuse } from './refusal.ts'
import { watchFolders } from './watch.ts'

export type EdgeHostOptions = {
  /** Folders with functions; when two have a function of one name, the first wins. */
  functionsDirectory: FunctionFolder | FunctionFolder[]
  /** What functions find in Deno.env, and nothing of this process's own. Read at every start of a function. */
  environment: Record<string, string>
  /** Checks the credentials that `verify_jwt` demands. Without it, nothing is checked. */
  keyring?: Keyring
  /** Gets what functions print, with the function's name in front. */
  log?: (line: string) => void
  /** How long an isolate lives. Default: that of the free plan, 150,000. */
  wallClockMs?: number
  /** How long a caller waits for the head of an answer. Default: the platform's 150,000. */
  idleTimeoutMs?: number
  /** How long background work may go on after the host is stopped. Default 2,000. */
  graceMs?: number
  /** Starts a function anew when a file of it, or of a folder beside it whose name begins with _, changes. */
  reload?: boolean
  denoDirectory?: string
  /** The folders that functions may be made of, import maps and whatever they import among it. Default: any. */
  inside?: string[]
  /** A package that functions may import, and what they get in its place. */
  replacement?: Replacement
}

export type EdgeHost = {
  /** Answers a request whose URL begins with /functions/v1/. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** The functions there are. */
  names(): string[]
  /** The functions that have a process. */
  running(): string[]
  /** Requests that reached the function itself, by name. */
  counts(): Record<string, number>
  /** Starts a function before the first request needs it. False if there is none, or if it does not start. */
  warm(name: string): Promise<boolean>
  /** The next request finds a new process; the old one finishes what it has. */
  restart(name: string): void
  /** Ends the function's processes at once, by SIGKILL. */
  killFunction(name: string): Promise<void>
  stop(): Promise<void>
}

/** Serves edge functions, each in a Deno process of its own that starts at the first request. */
export function startEdgeHost(options: EdgeHostOptions): Promise<EdgeHost> {
  const { environment, keyring, log = () => {}, reload = false, denoDirectory = defaultDenoDirectory } = options
  const limits = {
    wallClockMs: options.wallClockMs ?? 150_000,
    idleTimeoutMs: options.idleTimeoutMs ?? 150_000,
    graceMs: options.graceMs ?? 2_000,
  }
  const folders = [options.functionsDirectory].flat()
  const catalogue = makeCatalogue(folders)
  const hosted = new Map<string, { fn: EdgeFunction; hosted: Hosted }>()
  // Of functions that were deleted; they may still be at work.
  const retired = new Set<Hosted>()
  const runDirectory = mkdtempSync(join(tmpdir(), 'edge-'))
  mkdirSync(denoDirectory, { recursive: true })
  let stopping: Promise<void> | undefined

  // Read at every start: the import map of a function may have changed.
  const adapt = (fn: EdgeFunction, fence: Fence | undefined) =>
    options.replacement ? withReplacement(fn, options.replacement, runDirectory, fence) : fn

  // What it has in hand it may finish; it takes no more.
  const retire = (name: string, gone: Hosted) => {
    hosted.delete(name)
    gone.restart()
    retired.add(gone)
  }

  const find = (name: string) => {
    // Looked up at every request, as the platform does: a function may be deleted, or its settings changed.
    const fn = catalogue.find(name)
    const known = hosted.get(name)
    if (!fn) {
      if (known) retire(name, known.hosted)
      return undefined
    }
    if (known) {
      if (known.fn.entry !== fn.entry || known.fn.importMap !== fn.importMap) known.hosted.restart()
      known.fn = fn
      return known
    }
    const plan = {
      ...limits,
      environment,
      denoDirectory,
      runDirectory,
      adapt,
      ...(options.inside && { inside: options.inside }),
      log: (line: string) => log(`[${name}] ${line}`),
    }
    const found: { fn: EdgeFunction; hosted: Hosted } = {
      fn,
      hosted: hostFunction(() => boot(found.fn, plan)),
    }
    hosted.set(name, found)
    return found
  }
  const restart = (name: string) => {
    hosted.get(name)?.hosted.restart()
  }
  const unwatch = reload
    ? watchFolders(
      folders.map(pathOf),
      (name) => name.startsWith('_') ? [...hosted.keys()].forEach(restart) : restart(name),
    )
    : () => {}

  return Promise.resolve({
    async handle(request, response) {
      const [, name = '', rest = ''] = /^\/functions\/v1\/([^/?]+)(.*)$/.exec(request.url ?? '') ?? []
      const found = stopping ? undefined : find(name)
      if (!found) return refuse(response, 'NOT_FOUND')
      const refusal = keyring && found.fn.verifyJwt ? await checkJwt(request, keyring) : undefined
      if (refusal) return refuse(response, refusal)
      await found.hosted.serve(request, response, `/${name}${rest}`)
    },
    names: catalogue.names,
    running: () => [...hosted].filter(([, { hosted }]) => hosted.isRunning()).map(([name]) => name).sort(),
    counts: () => Object.fromEntries([...hosted].map(([name, { hosted }]) => [name, hosted.count()])),
    warm: async (name) => await find(name)?.hosted.warm() ?? false,
    restart,
    killFunction: async (name) => await hosted.get(name)?.hosted.kill(),
    stop: () =>
      stopping ??= (async () => {
        unwatch()
        await Promise.all([...hosted.values()].map(({ hosted }) => hosted).concat(...retired).map((one) => one.stop()))
        rmSync(runDirectory, { recursive: true, force: true })
      })(),
  })
}

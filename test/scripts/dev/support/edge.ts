import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EdgeHostOptions, startEdgeHost } from '../../../../scripts/dev/edge/host.ts'
import { startGateway } from '../../../../scripts/dev/gateway.ts'
import { makeKeyring } from '../../../../scripts/dev/keyring.ts'
import { makeKeys } from '../../../../scripts/dev/keys.ts'

type Options = Partial<Omit<EdgeHostOptions, 'functionsDirectory' | 'log'>> & { config?: string }

/** An edge host behind a gateway, with functions made of the given sources. What they print gathers in `lines`. */
export async function edgeHost(sources: Record<string, string>, { config, ...options }: Options = {}) {
  const project = mkdtempSync(join(tmpdir(), 'edge-test-'))
  const write = (name: string, source: string, file = 'index.ts') => {
    mkdirSync(join(project, 'functions', name), { recursive: true })
    writeFileSync(join(project, 'functions', name, file), source)
  }
  for (const [name, source] of Object.entries(sources)) write(name, source)
  if (config) writeFileSync(join(project, 'config.toml'), config)

  const keys = await makeKeys()
  const keyring = makeKeyring(keys)
  const lines: string[] = []
  const host = await startEdgeHost({
    functionsDirectory: join(project, 'functions'),
    environment: {},
    log: (line) => lines.push(line),
    ...options,
  })
  const gateway = await startGateway({ keyring })
  gateway.open({ edge: host, rest: { handle: () => {} } })

  const call = (path: string, init: RequestInit = {}) => fetch(`${gateway.url}/functions/v1/${path}`, init)
  return {
    url: `${gateway.url}/functions/v1`,
    host,
    keys,
    keyring,
    lines,
    write,
    remove: (name: string) => rmSync(join(project, 'functions', name), { recursive: true }),
    configure: (text: string) => writeFileSync(join(project, 'config.toml'), text),
    call,
    text: async (path: string, init?: RequestInit) => (await call(path, init)).text(),
    /** What the platform answered, if it was not the function. */
    refusal: async (path: string, init?: RequestInit) => {
      const response = await call(path, init)
      const { code } = JSON.parse(await response.text())
      return { status: response.status, header: response.headers.get('sb-error-code'), code }
    },
    async [Symbol.asyncDispose]() {
      await host.stop()
      await gateway.stop()
      rmSync(project, { recursive: true, force: true })
    },
  }
}

export const refusal = (status: number, code: string) => ({ status, header: code, code })

/** Whether a process with this id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

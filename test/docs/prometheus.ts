import { execFile, execFileSync, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { until } from '../support/until.ts'
import { freePort } from '../../scripts/dev/postgres/port.ts'

/** Programs that are not installed here. */
export const missing = ['promtool', 'prometheus'].filter((program) => {
  try {
    execFileSync('which', [program])
    return false
  } catch {
    return true
  }
})

/** Runs promtool; throws with what it says when it finds fault. */
export async function promtool(args: string[], stdin?: string): Promise<string> {
  const running = promisify(execFile)('promtool', args)
  running.child.stdin!.end(stdin)
  try {
    const { stdout, stderr } = await running
    return stdout + stderr
  } catch (reason) {
    const { stdout, stderr } = reason as { stdout: string; stderr: string }
    throw new Error(`promtool ${args.join(' ')}: ${stdout}${stderr}`)
  }
}

/** A Prometheus that scrapes one page every second, with a key, and knows the rules of some files. */
export async function startPrometheus(page: URL, key: string, rules: string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'supaqueue-prometheus-'))
  await writeFile(
    join(folder, 'prometheus.yml'),
    JSON.stringify({
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: rules,
      scrape_configs: [{
        job_name: 'supaqueue',
        scheme: page.protocol.replace(':', ''),
        metrics_path: page.pathname,
        authorization: { credentials: key },
        static_configs: [{ targets: [page.host] }],
      }],
    }),
    { mode: 0o600 },
  )
  const port = await freePort()
  const program = spawn('prometheus', [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ], { stdio: 'ignore' })
  const ended = new Promise((resolve) => program.once('exit', resolve))

  const ask = async (path: string, query: Record<string, string> = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}?${new URLSearchParams(query)}`)
    return await response.json()
  }

  const prometheus = {
    /** What a query brings now: one entry for each series, its value a number. */
    async query(query: string): Promise<{ metric: Record<string, string>; value: number }[]> {
      const { status, error, data } = await ask('query', { query })
      if (status !== 'success') throw new Error(`${query}: ${error}`)
      return data.result.map(({ metric, value }: { metric: Record<string, string>; value: [number, string] }) => ({
        metric,
        value: Number(value[1]),
      }))
    },
    /** How the scrape is: `unknown` at first, `up` or `down`, and what was wrong last. */
    async target(): Promise<{ health: string; lastError: string } | undefined> {
      return (await ask('targets')).data.activeTargets[0]
    },
    /** The names of the rules it has loaded, and whether each could be evaluated. */
    async rules(): Promise<{ name: string; health: string; lastError?: string }[]> {
      return (await ask('rules')).data.groups.flatMap(({ rules }: { rules: unknown[] }) => rules)
    },
    async stop(): Promise<void> {
      program.kill()
      await ended
      await rm(folder, { recursive: true })
    },
  }
  try {
    await until(() => prometheus.target().then((target) => (target?.health ?? 'unknown') !== 'unknown', () => false))
  } catch (reason) {
    await prometheus.stop()
    throw reason
  }
  return prometheus
}

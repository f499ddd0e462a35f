import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { listen } from './listen.ts'
import type { Served } from './serve.ts'

export type Status = { address: string; close(): Promise<void> }

/**
 * Answers how the process is: /health as JSON, 200 while at least one database is connected, else 503; /metrics as Prometheus
 * reads them. Nothing else, and nothing secret. Where it listens for this machine alone, it answers to this machine's names.
 */
export async function openStatus(
  { port, host }: { port: number; host: string },
  served: () => Served[],
  stopping: () => boolean,
): Promise<Status> {
  const server = createServer((request, response) => {
    const path = request.url?.replace(/\?.*$/, '')
    // Who asks us what we do not read is not kept waiting, nor kept.
    if (request.method !== 'GET') response.setHeader('connection', 'close')
    // A page whose name leads to this machine would have its visitor's browser read us.
    if (isLoopback((server.address() as AddressInfo).address) && !isLoopback(nameIn(request.headers.host))) {
      response.writeHead(421).end()
    } else if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end()
    } else if (path === '/health') {
      const databases = served().map(({ name, hears, runs, counts }) => ({
        name,
        connected: hears(),
        runs: runs(),
        calls: counts.underWay,
      }))
      const up = !stopping() && databases.some(({ connected }) => connected)
      response.writeHead(up ? 200 : 503, { 'content-type': 'application/json', 'cache-control': 'no-store' })
      response.end(JSON.stringify({ status: stopping() ? 'stopping' : up ? 'up' : 'down', databases }))
    } else if (path === '/metrics') {
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
      response.end(metricsOf(served()))
    } else {
      response.writeHead(404).end()
    }
  })
  server.maxConnections = MOST_CONNECTIONS
  server.headersTimeout = server.requestTimeout = LONGEST_REQUEST_MS
  return {
    address: await listen(
      server,
      { port, host },
      'Choose another --port, or 0 for any free one. Without --port there is no /health and no /metrics.',
    ),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

// Whoever looks after a process asks it one thing at a time.
const MOST_CONNECTIONS = 100
const LONGEST_REQUEST_MS = 10_000

const isLoopback = (host: string): boolean => /^(127(\.\d{1,3}){3}|::1|localhost)$/i.test(host)

const nameIn = (host = ''): string => host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1')

type Metric = { name: string; type: 'counter' | 'gauge'; help: string; of: (served: Served) => number }

const METRICS: Metric[] = [
  {
    name: 'database_up',
    type: 'gauge',
    help: 'Whether the database tells this process of jobs.',
    of: ({ hears }) => Number(hears()),
  },
  { name: 'runs', type: 'gauge', help: 'Queues that have a run in this process.', of: ({ runs }) => runs() },
  { name: 'calls_under_way', type: 'gauge', help: 'Calls under way.', of: ({ counts }) => counts.underWay },
  {
    name: 'call_seconds_total',
    type: 'counter',
    help: 'How long calls took that ended.',
    of: ({ counts }) => counts.callSeconds,
  },
  { name: 'turns_total', type: 'counter', help: 'Turns taken.', of: ({ counts }) => counts.turns },
  { name: 'turn_seconds_total', type: 'counter', help: 'How long they took.', of: ({ counts }) => counts.turnSeconds },
  { name: 'failed_turns_total', type: 'counter', help: 'Turns that failed.', of: ({ counts }) => counts.failedTurns },
  {
    name: 'notifications_total',
    type: 'counter',
    help: 'What the database told.',
    of: ({ counts }) => counts.notifications,
  },
  {
    name: 'sweeps_total',
    type: 'counter',
    help: 'Sweeps, where nobody else swept.',
    of: ({ counts }) => counts.sweeps,
  },
  {
    name: 'reconnects_total',
    type: 'counter',
    help: 'How often the database had to be found again.',
    of: ({ counts }) => counts.reconnects,
  },
]

function metricsOf(all: Served[]): string {
  const lines: string[] = []
  const begin = (name: string, type: string, help: string) =>
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`)
  for (const { name, type, help, of } of METRICS) {
    begin(`supaqueue_work_${name}`, type, help)
    for (const served of all) lines.push(`supaqueue_work_${name}{database="${quoted(served.name)}"} ${of(served)}`)
  }
  begin('supaqueue_work_outcomes_total', 'counter', 'How calls ended, by job.')
  for (const { name, counts } of all) {
    for (const [outcome, count] of counts.outcomes) {
      lines.push(`supaqueue_work_outcomes_total{database="${quoted(name)}",outcome="${outcome}"} ${count}`)
    }
  }
  const { user, system } = process.cpuUsage()
  begin('process_cpu_seconds_total', 'counter', 'Processor time.')
  lines.push(`process_cpu_seconds_total ${(user + system) / 1e6}`)
  begin('process_resident_memory_bytes', 'gauge', 'Resident memory.')
  lines.push(`process_resident_memory_bytes ${process.memoryUsage.rss()}`)
  return `${lines.join('\n')}\n`
}

const quoted = (text: string): string => text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')

import { KillError } from './errors.ts'
import { type Job, openJob } from './job.ts'
import { bytesIn, parseBytes } from './payload.ts'
import { type Decision, decisionOf, decisions, isDecision } from './decision.ts'
import { isSuspended } from './steps.ts'
import type { Deps } from './deps.ts'

/** A job as a call brings it, before its payload and state have been looked at. */
export type Entry = { payload: unknown; state: unknown; headers: Headers }

/** Whether a call brings several jobs, as a list: that of a queue whose `batch_size` is above 1. */
export const isBatch = (request: Request): boolean => request.headers.has('supaqueue-batch')

/** The jobs of a call. Throws a `KillError` when it brings no list of jobs. */
export function readBatch(request: Request, body: Uint8Array): Entry[] {
  const list = parseBytes(body)
  if (!Array.isArray(list) || !list.every(isEntry)) throw new KillError('what the call brings is not a list of jobs')
  return list.map(({ payload = null, state = null, ...about }) => ({
    payload: bytesIn(payload) ?? payload,
    state,
    headers: headersOf(about, request.headers),
  }))
}

const isEntry = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && 'id' in value

/** The headers that the job would have in a call of its own. */
function headersOf(about: Record<string, unknown>, shared: Headers): Headers {
  const headers = new Headers(shared)
  const given: Record<string, unknown> = {
    'supaqueue-job-id': about.id,
    'supaqueue-attempt': about.attempt,
    'supaqueue-max-attempts': about.max_attempts,
    'supaqueue-current-job': about.current_job,
    'supaqueue-version': about.version,
    'idempotency-key': about.idempotency_key,
  }
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === null) headers.delete(name)
    else headers.set(name, String(value))
  }
  return headers
}

/** Does something with each job of a batch, at the same time, and answers what became of each. */
export async function answerEach(
  entries: Entry[],
  deps: Deps,
  work: (entry: Entry, job: Job) => unknown,
): Promise<Response> {
  const each = entries.map(async (entry) => {
    const { job, around, leave } = openJob(entry.headers, entry.state, deps)
    const decision = await decisionOf(() => around(() => work(entry, job)), deps.log)
    if (decision.outcome !== 'later' || isSuspended(decision)) leave()
    return await entryOf(job.id, decision)
  })
  return answerBatch(await Promise.all(each))
}

/** The list of what became of each job, as an answer to the call. */
export const answerBatch = (entries: string[]): Response =>
  new Response(`[${entries.join(',')}]`, {
    headers: { 'content-type': 'application/json', 'supaqueue-outcome': 'batch' },
  })

/** What became of one job, as JSON. What cannot be JSON, a cycle or a bigint, rejects that job alone. */
export async function entryOf(id: string, decision: Decision): Promise<string> {
  const { outcome, details } = await settled(decision)
  try {
    return JSON.stringify({ id, outcome, ...details })
  } catch (reason) {
    const { outcome, details } = decisions.reject(
      `what the handler gave back cannot be JSON: ${(reason as Error).message}`,
    )
    return JSON.stringify({ id, outcome, ...details })
  }
}

/** A handler may give a response back. In a list it is what it says: its body is the result, or the reason. */
async function settled(decision: Decision): Promise<Decision> {
  const { result } = decision.details
  if (!(result instanceof Response)) return decision
  const text = await result.text()
  if (!result.ok) return decisions.reject(`HTTP ${result.status}: ${text}`)
  return await decisionOf(
    () => /\bjson\b/.test(result.headers.get('content-type') ?? '') ? JSON.parse(text) : text,
    () => {},
  )
}

/** A word that was returned counts before one that was only said; a plain result does not. */
export const lastDecision = (returned: unknown, decision: Decision | undefined): Decision | undefined =>
  isDecision(returned) ? returned : decision

import type { Answer } from '../answer/answer.ts'
import { outcomeOfDetails, wordOf } from '../answer/explicit_outcome.ts'
import { headOf } from '../answer/head.ts'
import { type Context, outcomeOfAnswer, outcomeOfError, shorten, WITH_HEAD } from '../outcome/outcome.ts'
import { readJson, within } from '../answer/result.ts'
import type { Json, Outcome } from '../turn/turn.ts'

// What an answer to a batch says of each of its jobs.

/** `ids` are the jobs' as the call named them; `resultBytes` is how much of each result is kept. */
export type BatchContext = Context & { ids: (number | string)[]; resultBytes: number }

type Entry = { [name: string]: Json }

// By these a call has died as a whole: which of its jobs it died of shows when they are called in smaller ones.
const DIED = new Set<Outcome['outcome']>(['unknown', 'failed', 'killed'])

// Words that say of all jobs at once what they say of one.
const OF_ALL = new Set(['complete', 'reschedule', 'park', 'later'])

/** The outcomes of a batch that was answered, in the order of its jobs. */
export function outcomesOfAnswer(answer: Answer, context: BatchContext): Outcome[] {
  const { headers, body, status } = answer
  const word = wordOf(headers)
  const isSuccess = word === undefined ? status >= 200 && status < 300 : word === 'batch' || word === 'complete'
  const list = isSuccess ? listOf(body.text, body.truncated, context) : undefined
  if (list && (word === 'batch' || list.some(saysOutcome) || list.length === 0 && context.kind === 'function')) {
    return byEntry(list, answer, context)
  }

  if (word === 'batch' || isSuccess && word === undefined && context.kind === 'function') {
    const why = body.truncated ? 'the answer is too long' : 'the answer is not a list of what became of each job'
    return ofEach(context, {
      outcome: 'failed',
      status,
      error: `a batch: ${why}`,
      head: headOf(answer, context.redact),
    })
  }
  const whole = outcomeOfAnswer(answer, context)
  const isOfAll = word === undefined || OF_ALL.has(word) || context.ids.length === 1
  return ofWhole(context, isOfAll ? whole : { ...whole, outcome: 'failed' })
}

/** The outcomes of a batch whose fetch, or whose reading of the body, threw. */
export const outcomesOfError = (reason: unknown, context: BatchContext): Outcome[] =>
  ofWhole(context, outcomeOfError(reason, context))

/** Of a call that died nobody knows of which job. One that was not made is not to blame on any of them either. */
function ofWhole(context: BatchContext, outcome: Outcome): Outcome[] {
  const { length } = context.ids
  if (length === 1 || outcome.reached === false || !DIED.has(outcome.outcome)) return ofEach(context, outcome)
  const { status, head, region } = outcome
  const error = `${outcome.error ?? outcome.outcome} (one of ${length} in a call: called again in smaller ones)`
  return ofEach(context, { outcome: 'divided', status, head, region, error, retry_after_ms: 0 })
}

function ofEach({ ids, resultBytes }: BatchContext, outcome: Outcome): Outcome[] {
  const kept = outcome.result === undefined ? outcome : { ...outcome, result: within(outcome.result, resultBytes)! }
  return ids.map(() => kept)
}

/** The list in an answer, every secret in it blotted out but in what is handed on; undefined when it is none. */
function listOf(text: string, truncated: boolean, { redact }: BatchContext): Json[] | undefined {
  if (truncated || !/^\s*\[/.test(text)) return undefined
  const clean = redact.values(text)
  const list = readJson(clean)
  if (!Array.isArray(list)) return undefined
  const raw = clean === text ? list : readJson(text)
  return list.map((entry, i) => {
    const given = Array.isArray(raw) ? raw[i] : undefined
    return isEntry(entry) && isEntry(given) && 'state' in given ? { ...entry, state: given.state! } : entry
  })
}

const isEntry = (value: unknown): value is Entry => typeof value === 'object' && value !== null && !Array.isArray(value)

const saysOutcome = (entry: Json): boolean => isEntry(entry) && typeof entry.outcome === 'string'

function byEntry(list: Json[], answer: Answer, context: BatchContext): Outcome[] {
  const found = assign(list, context.ids)
  if (typeof found === 'string') {
    const error = `a batch: ${found}; nothing of it counts`
    return ofEach(context, {
      outcome: 'failed',
      status: answer.status,
      error,
      head: headOf(answer, context.redact),
    })
  }
  const region = context.kind === 'function' ? answer.headers.get('x-sb-edge-region')?.slice(0, 50) : undefined
  return context.ids.map((id) => {
    const outcome = ofEntry(found.get(String(id)), context)
    outcome.status = answer.status
    if (region) outcome.region = region
    if (outcome.error) outcome.error = shorten(outcome.error)
    // Of the others' entries nothing belongs into this job's history.
    if (WITH_HEAD.has(outcome.outcome)) outcome.head = `HTTP ${answer.status}, one of ${context.ids.length} in a call`
    return outcome
  })
}

/** The entries by job: in the order of the jobs, or each by its id. What is wrong with them, if nobody can tell. */
function assign(list: Json[], ids: (number | string)[]): Map<string, Json> | string {
  if (list.length > ids.length) return `the answer has ${list.length} entries for ${ids.length} jobs`
  const named = list.filter((entry) => isEntry(entry) && entry.id !== undefined && entry.id !== null)
  if (named.length === 0) return new Map(list.map((entry, i) => [String(ids[i]), entry]))
  if (named.length < list.length) return 'some entries of the answer have an id and some have none'

  const known = new Set(ids.map(String))
  const found = new Map<string, Json>()
  for (const entry of list as Entry[]) {
    const id = typeof entry.id === 'number' || typeof entry.id === 'string'
      ? String(entry.id)
      : JSON.stringify(entry.id)
    if (!known.has(id)) return `the answer has an entry for job ${id.slice(0, 50)}, which is not in the call`
    if (found.has(id)) return `the answer has two entries for job ${id}`
    found.set(id, entry)
  }
  return found
}

function ofEntry(entry: Json | undefined, context: BatchContext): Outcome {
  if (entry === undefined || entry === null) {
    return { outcome: 'failed', error: 'a batch: the answer says nothing of this job' }
  }
  if (!isEntry(entry) || typeof entry.outcome !== 'string') {
    return { outcome: 'failed', error: 'a batch: the entry of this job has no outcome' }
  }
  const word = entry.outcome.trim().toLowerCase()
  const outcome = outcomeOfDetails(word, entry, context)
  if (outcome.outcome !== 'success') return outcome
  const kept = context.redact.fields ? context.redact.json(entry.result ?? null) as Json : entry.result ?? null
  return { outcome: 'success', result: within(kept, context.resultBytes) }
}

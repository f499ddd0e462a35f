import type { Answer, Kind } from './answer.ts'
import { number, object, orNothing, text, whole } from '../util/shape.ts'
import type { Json, Outcome } from '../turn/turn.ts'
import { readJson } from './result.ts'
import { MAX_WAIT_MS } from './retry_after.ts'

const WORDS = ['reject', 'reschedule', 'kill', 'drop', 'continue', 'park', 'later'] as const
type Word = typeof WORDS[number]

// Postgres reads no year of five digits.
const LAST = Date.UTC(9999, 11, 31)

const INT = 2_147_483_647

type Details = {
  message?: string | null
  at?: number
  after_ms?: number
  state?: Json | null
  lease_ms?: number | null
}

const time = orNothing((value) =>
  text(value) ?? (value === '' || isTime(Date.parse(String(value))) ? undefined : 'is not a time')
)

const isTime = (at: number): boolean => at >= 0 && at <= LAST

const details = object({
  message: orNothing(text),
  at: time,
  after_ms: orNothing((value) => number(value) ?? (isTime(Number(value)) ? undefined : `must be from 0 to ${LAST}`)),
  lease_ms: orNothing(whole(1, INT)),
})

/** What is needed beside the answer: the time (Unix milliseconds), the timeout of the call, and who is heeded. */
export type Circumstances = { now: number; timeoutMs: number; kind: Kind; heeds?: string[] | null }

/** What a function says by the header `supaqueue-outcome`; undefined when it says nothing. */
export const wordOf = (headers: Headers): string | undefined => headers.get('supaqueue-outcome')?.trim().toLowerCase()

/**
 * The outcome that a function asked for by a word, with the details in the body; for `complete` the body is the result.
 * What cannot be understood is `failed`.
 */
export const explicitOutcome = (word: string, { body }: Answer, when: Circumstances): Outcome =>
  outcomeOfWord(word, when, () => body.truncated ? 'are too long' : readDetails(body.text))

/** The same of details that were read before, as a list brings them. */
export const outcomeOfDetails = (word: string, given: Record<string, unknown>, when: Circumstances): Outcome =>
  outcomeOfWord(word, when, () => detailsOf(given))

function outcomeOfWord(word: string, when: Circumstances, read: () => Details | string): Outcome {
  if (isKnown(word) && !isHeeded(word, when)) return unheeded(word)
  if (word === 'complete') return { outcome: 'success' }
  if (!isWord(word)) return wrong(`${JSON.stringify(word.slice(0, 50))} is none of complete, ${WORDS.join(', ')}`)
  const found = read()
  return typeof found === 'string' ? wrong(`${word}, but its details ${found}`) : MEANINGS[word](found, when)
}

const wrong = (what: string): Outcome => ({ outcome: 'failed', error: `supaqueue-outcome: ${what}` })

const isKnown = (word: string): boolean => word === 'complete' || isWord(word)

// Whoever answers at a URL may be anybody: he says whether it went well, and no more, until the queue has a word for it.
const isHeeded = (word: string, { kind, heeds }: Circumstances): boolean =>
  heeds ? heeds.includes(word) : kind === 'function' || word === 'complete' || word === 'reject'

const unheeded = (word: string): Outcome =>
  wrong(`${word} is not heeded here: add it to heeds of supaqueue.queue if this target may say so`)

const isWord = (word: string): word is Word => (WORDS as readonly string[]).includes(word)

const MEANINGS: Record<Word, (details: Details, when: Circumstances) => Outcome> = {
  reject: (stated, { now }) => ({ outcome: 'failed', error: stated.message || 'rejected', ...waitOf(stated, now) }),
  reschedule: (stated, { now }) =>
    stated.at === undefined && stated.after_ms === undefined
      ? wrong('reschedule needs at or after_ms')
      : { outcome: 'rescheduled', ...timeOf(stated, now), ...reasonOf(stated) },
  kill: (stated) => ({ outcome: 'killed', error: stated.message || 'killed' }),
  drop: () => ({ outcome: 'dropped' }),
  continue: (stated, { now }) =>
    stated.state === undefined || stated.state === null
      ? wrong('continue needs a state')
      : { outcome: 'continued', state: stated.state, ...waitOf(stated, now) },
  park: (stated) => ({ outcome: 'parked', error: stated.message || 'parked' }),
  later: (stated, { timeoutMs }) => ({ outcome: 'later', lease_ms: stated.lease_ms ?? timeoutMs + 10_000 }),
}

const reasonOf = ({ message }: Details) => message ? { error: message } : {}

/** As a wait when that is short enough, since waits need no clock that agrees with the database's. */
function timeOf({ at, after_ms }: Details, now: number): Pick<Outcome, 'run_at' | 'retry_after_ms'> {
  if (at === undefined && after_ms! <= MAX_WAIT_MS) return { retry_after_ms: after_ms }
  return { run_at: new Date(Math.min(at ?? now + after_ms!, LAST)).toISOString() }
}

function waitOf({ at, after_ms }: Details, now: number): Pick<Outcome, 'retry_after_ms'> {
  const wait = at === undefined ? after_ms : Math.max(0, at - now)
  return wait === undefined ? {} : { retry_after_ms: Math.min(wait, MAX_WAIT_MS) }
}

/** The details, or what is wrong with them. */
function readDetails(body: string): Details | string {
  if (body.trim() === '') return {}
  const json = readJson(body)
  return json === undefined ? 'are not JSON' : detailsOf(json)
}

function detailsOf(json: unknown): Details | string {
  const wrong = details(json)
  if (wrong !== undefined) return `cannot be read: ${wrong}`
  const { message, at, after_ms, state, lease_ms } = json as Record<keyof Details, never>
  return {
    message,
    at: at ? Date.parse(at) : undefined,
    after_ms: after_ms === null || after_ms === undefined ? undefined : Math.ceil(after_ms),
    state,
    lease_ms,
  }
}

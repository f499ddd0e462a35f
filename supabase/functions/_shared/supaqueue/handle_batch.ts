import { answer, refuse } from './answer.ts'
import { answerBatch, type Entry, entryOf, isBatch, lastDecision, readBatch } from './batch.ts'
import { SupaqueueError } from './errors.ts'
import { type Options, readVerified } from './handle.ts'
import { type Job, openJob } from './job.ts'
import { readCall } from './payload.ts'
import { isQueue, type Queue, type ReturnedOf } from './queue.ts'
import { decide, type Decision, decisionOf, type Decisions, decisions, isDecision } from './decision.ts'
import { type Input, type Output, type Schema, type StandardSchema, validate } from './schema.ts'
import type { Steps } from './steps.ts'
import { type Deps, runtime } from './deps.ts'

/**
 * A job of a batch. What is said by one of its functions (`reject`, `later` and the like) holds for this job alone, whether
 * it is returned or not. It has no steps: those belong to `handle`.
 */
export type BatchJob<Payload = unknown, State = unknown, NextState = State, Returned = unknown> =
  & Omit<Job<State, NextState>, keyof Steps>
  & {
    readonly payload: Payload
    /** This job is done, with a result. */
    complete(result?: Returned): Decision
  }

/**
 * Does the jobs of a batch. What it returns is a list with an entry per job, in their order: a result, or what a function
 * of the job made. A job whose entry is missing has failed. A handler that returns nothing has done all jobs of which nothing was said.
 */
export type BatchHandler<Payload, State, NextState, Returned = unknown> = (
  jobs: BatchJob<Payload, State, NextState, Returned>[],
) => Returns<Returned> | Promise<Returns<Returned>>

type Returns<Returned> = readonly (Returned | Decision)[] | void

/** The batch handler of a defined queue. */
export type QueueBatchHandler<Q extends Queue, StateSchema extends Schema> = BatchHandler<
  Output<Q['payload']>,
  Output<StateSchema>,
  Input<StateSchema>,
  ReturnedOf<Q>
>

/**
 * Makes a handler of batches, to be given to `Deno.serve`: as `handle`, but all jobs of a call at once, for a queue whose
 * `batch_size` is above 1. A payload that does not fit kills its own job, and the others come. What the handler throws is
 * said of all jobs of the call: supaqueue calls them again in smaller batches, until it is clear which of them it throws for.
 * Of a queue without batches each call is a batch of one.
 */
export function handleBatch<Q extends Queue, T extends Schema = StandardSchema>(
  queue: Q,
  handler: QueueBatchHandler<Q, T>,
  options?: Options<T>,
): (request: Request) => Promise<Response>
export function handleBatch<S extends Schema, T extends Schema = StandardSchema>(
  schema: S,
  handler: BatchHandler<Output<S>, Output<T>, Input<T>>,
  options?: Options<T>,
): (request: Request) => Promise<Response>
export function handleBatch(
  given: Queue | Schema,
  handler: BatchHandler<unknown, unknown, unknown>,
  options: Options<Schema> = {},
): (request: Request) => Promise<Response> {
  const schema = isQueue(given) ? given.payload : given
  const deps = { ...runtime, ...options.deps }

  return async (request) => {
    let body: Uint8Array
    try {
      body = await readVerified(request, options, deps)
    } catch (reason) {
      if (!(reason instanceof SupaqueueError)) throw reason
      return refuse(reason)
    }

    let outcomes: { id: string; decision: Decision }[] = []
    const whole = await decisionOf(async () => {
      const entries = isBatch(request)
        ? readBatch(request, body)
        : [{ ...readCall(request, body), headers: request.headers }]
      outcomes = await doBatch(entries, { schema, ofState: options.state, handler, deps })
    }, deps.log)
    // Thrown, or said by throwing it: of all.
    if (whole.outcome !== 'complete') return answer(whole)
    if (!isBatch(request)) return answer(outcomes[0]!.decision)
    return answerBatch(await Promise.all(outcomes.map(({ id, decision }) => entryOf(id, decision))))
  }
}

/** Does the jobs whose payloads fit. Throws what the handler threw. */
async function doBatch(
  entries: Entry[],
  { schema, ofState, handler, deps }: {
    schema: Schema
    ofState?: Schema
    handler: BatchHandler<unknown, unknown, unknown>
    deps: Deps
  },
): Promise<{ id: string; decision: Decision }[]> {
  const places = await Promise.all(entries.map(async (entry) => {
    const { job, leave } = openJob(entry.headers, entry.state, deps)
    const fits = await decisionOf(async () => ({
      payload: await validate(schema, entry.payload, 'payload'),
      state: ofState && entry.state !== null ? await validate(ofState, entry.state, 'state') : entry.state,
    }), deps.log)
    return { job, leave, fits, decision: fits.outcome === 'complete' ? undefined : fits as Decision | undefined }
  }))
  const fitting = places.filter(({ decision }) => decision === undefined)

  try {
    if (fitting.length > 0) {
      const returned = await handler(
        fitting.map((place) =>
          speaking(place.job, place.fits.details.result as Entry, (decision) => place.decision = decision)
        ),
      )
      if (returned && returned.length > fitting.length) {
        throw new SupaqueueError(
          'SQ422',
          `the handler gave ${returned.length} entries back for ${fitting.length} jobs`,
          'Return one entry per job, in the order of the jobs.',
        )
      }
      for (const [i, place] of fitting.entries()) {
        const own = returned ? returned[i] : undefined
        const missing = returned && i >= returned.length
        place.decision = lastDecision(own, place.decision) ??
          (missing
            ? decisions.reject('the handler gave nothing back for this job')
            : decide('complete', { result: own ?? null }))
      }
    }
    return places.map(({ job, decision }) => ({ id: job.id, decision: decision! }))
  } finally {
    for (const { decision, leave } of places) if (decision?.outcome !== 'later') leave()
  }
}

/** The job with its payload, whose words count as soon as they are said. */
function speaking(
  job: Job,
  { payload, state }: Pick<Entry, 'payload' | 'state'>,
  hear: (decision: Decision) => void,
): BatchJob {
  const heard = (decision: Decision): Decision => {
    hear(decision)
    return decision
  }
  const words = Object.fromEntries(
    Object.entries(decisions).map(([name, word]) => [name, (...args: unknown[]) => heard((word as Word)(...args))]),
  ) as unknown as Decisions
  // What a step ends is the call, and with it all other jobs.
  const { step: _step, sleep: _sleep, waitFor: _waitFor, map: _map, ...own } = job
  return {
    ...own,
    ...words,
    payload,
    state,
    complete: (result) => heard(isDecision(result) ? result : decide('complete', { result: result ?? null })),
    background: (work, options) => heard(job.background(work, options)),
  }
}

type Word = (...args: unknown[]) => Decision

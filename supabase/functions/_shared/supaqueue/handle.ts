import { answer, refuse } from './answer.ts'
import { answerEach, type Entry, isBatch, readBatch } from './batch.ts'
import { SupaqueueError } from './errors.ts'
import { type Job, openJob } from './job.ts'
import { type Brought, readCall } from './payload.ts'
import { readBody } from './read_body.ts'
import { isQueue, type Queue, type ReturnedOf } from './queue.ts'
import { decisionOf } from './decision.ts'
import { type Input, type Output, type Schema, type StandardSchema, validate } from './schema.ts'
import { isSuspended } from './steps.ts'
import { verifyLater } from './verify.ts'
import { type Deps, runtime } from './deps.ts'

/** `NextState` is what `state` takes, which may differ from what it makes of it. */
export type Options<StateSchema extends Schema = StandardSchema> = {
  /** What slices hand on. A state that does not fit kills the job. */
  state?: StateSchema
  /**
   * What calls are signed with, if not SUPAQUEUE_SECRET (and SUPAQUEUE_SECRET_PREVIOUS): for a handler at a URL of its
   * own, one of the queue's signing secrets, or several.
   */
  secret?: string | string[]
  /** The largest call that is read, before its signature is looked at: 16 MiB by default. */
  maxBytes?: number
  /** Replaces parts of the runtime, for tests. */
  deps?: Partial<Deps>
}

/** What a handler is made of, kept on it for tests that call it without a request. */
export const HANDLED: unique symbol = Symbol.for('supaqueue.handled') as never
export type Handled = {
  readonly handler: Handler<unknown, unknown, unknown>
  readonly schema?: Schema
  readonly ofState?: Schema
}

/** Does the job. What it returns is the job's result, unless it was made by a function of `job`. */
export type Handler<Payload, State, NextState, Returned = unknown> = (
  payload: Payload,
  job: Job<State, NextState>,
) => Returned | Promise<Returned>

/** The handler of a defined queue. */
export type QueueHandler<Q extends Queue, StateSchema extends Schema> = Handler<
  Output<Q['payload']>,
  Output<StateSchema>,
  Input<StateSchema>,
  ReturnedOf<Q>
>

/**
 * Makes a handler of jobs, to be given to `Deno.serve`. Lets in only calls that supaqueue signed (else 401, with code,
 * message and hint), checks the payload by the schema (a payload that does not fit kills the job, with the reason), runs
 * the handler and answers what became of it. What the handler throws rejects the job, with the error's message.
 * Of a queue with batches it does each job of a call by itself, all at the same time; `handleBatch` gets them together.
 * With a queue of `defineQueue` in place of the schema, the type of its results is that of what the handler returns.
 */
export function handle<Q extends Queue, T extends Schema = StandardSchema>(
  queue: Q,
  handler: QueueHandler<Q, T>,
  options?: Options<T>,
): (request: Request) => Promise<Response>
export function handle<S extends Schema, T extends Schema = StandardSchema>(
  schema: S,
  handler: Handler<Output<S>, Output<T>, Input<T>>,
  options?: Options<T>,
): (request: Request) => Promise<Response>
export function handle(
  given: Queue | Schema,
  handler: Handler<unknown, unknown, unknown>,
  options: Options<Schema> = {},
): (request: Request) => Promise<Response> {
  const schema = isQueue(given) ? given.payload : given
  const deps = { ...runtime, ...options.deps }

  const answerCall = async (request: Request): Promise<Response> => {
    let body: Uint8Array
    try {
      body = await readVerified(request, options, deps)
    } catch (reason) {
      if (!(reason instanceof SupaqueueError)) throw reason
      return refuse(reason)
    }

    if (isBatch(request)) {
      const read = await decisionOf(() => readBatch(request, body), deps.log)
      if (read.outcome !== 'complete') return answer(read)
      return await answerEach(read.details.result as Entry[], deps, async (entry, job) => {
        const { payload, state } = await fit(entry, schema, options.state)
        return await handler(payload, { ...job, state })
      })
    }
    const decision = await decisionOf(async () => {
      const brought = await fit(readCall(request, body), schema, options.state)
      const { job, around, leave } = openJob(request.headers, brought.state, deps)
      const decision = await decisionOf(() => around(() => handler(brought.payload, job)), deps.log)
      if (decision.outcome !== 'later' || isSuspended(decision)) leave()
      return decision
    }, deps.log)
    return answer(decision)
  }
  const handled: Handled = { handler, schema, ofState: options.state }
  return Object.assign(answerCall, { [HANDLED]: handled })
}

/** The body of a call that supaqueue has signed. Throws a `SupaqueueError`. */
export async function readVerified(
  request: Request,
  { secret, maxBytes = 16 * 1024 * 1024 }: Pick<Options<Schema>, 'secret' | 'maxBytes'>,
  deps: Deps,
): Promise<Uint8Array> {
  const secrets = secret ?? secretsOf(deps)
  const { body } = await verifyLater(request.headers, () => readBody(request, maxBytes), secrets, { now: deps.now })
  return body
}

/** Payload and state as their schemas give them. Throws a `KillError` that says why one of them does not fit. */
async function fit({ payload, state }: Brought, schema: Schema, ofState?: Schema): Promise<Brought> {
  return {
    payload: await validate(schema, payload, 'payload'),
    state: ofState && state !== null ? await validate(ofState, state, 'state') : state,
  }
}

// Their bytes as they are: unlike secrets of URLs they never were anything but a text.
function secretsOf({ env }: Deps): Uint8Array<ArrayBuffer>[] {
  const secret = env('SUPAQUEUE_SECRET')
  if (!secret) {
    throw new SupaqueueError(
      'SQ503',
      'the function is not set up: SUPAQUEUE_SECRET is not set',
      "Run supaqueue's installer: it sets it for all functions of the project. Elsewhere, give handle the option secret.",
    )
  }
  const previous = env('SUPAQUEUE_SECRET_PREVIOUS')
  const encoder = new TextEncoder()
  return (previous ? [secret, previous] : [secret]).map((text) => encoder.encode(text))
}

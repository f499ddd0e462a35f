import type { Decision } from './decision.ts'
import type { Input, Output, Schema, StandardSchema } from './schema.ts'

/** A queue as code knows it: its name, and how its payloads and results look. */
export type Queue<PayloadSchema extends Schema = Schema, ResultSchema extends Schema = Schema> = {
  readonly name: string
  readonly payload: PayloadSchema
  /** Undefined: a result may be anything. */
  readonly result: ResultSchema | undefined
}

/** What is enqueued: what goes into the schema of the payload. The function gets what comes out of it. */
export type PayloadOf<Q extends Queue> = Input<Q['payload']>

/** What is given to who waits for a job: what comes out of the schema of the result. The function returns what goes in. */
export type ResultOf<Q extends Queue> = Output<NonNullable<Q['result']>>

/** What a handler of the queue may give back: what goes into the schema of the result, or something said of the job. */
export type ReturnedOf<Q extends Queue> = Input<NonNullable<Q['result']>> | Decision | Response

/**
 * Says once how the jobs of a queue look, for those who send them (`openQueue`, `openQueueAsUser`) and those who do them
 * (`handle`, `consume`). `name` is that of the queue in the database; nothing is asked there yet.
 */
export function defineQueue<P extends Schema, R extends Schema = StandardSchema>(
  name: string,
  payload: P,
  { result }: { result?: R } = {},
): Queue<P, R> {
  return { name, payload, result }
}

/** Tells a queue from a schema of any library. */
export const isQueue = (given: Queue | Schema): given is Queue => !('~standard' in given || 'safeParse' in given)

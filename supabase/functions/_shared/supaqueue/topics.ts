import type { Json } from './database_types.ts'
import { sentAs } from './outgoing.ts'
import { milliseconds } from './times.ts'
import { callerOf, type Supabase } from './supabase.ts'

export type PublishOptions = {
  /** Queues in which a job with this key has not ended get no second one: publishing again does no harm. */
  dedupeKey?: string
  /** Jobs with the same key share the limit per key of their queue. */
  concurrencyKey?: string
  /** Higher first. Default 0. */
  priority?: number
  /** So many milliseconds from now. */
  after?: number
}

/**
 * Puts a job into each queue that subscribed to the topic, with a client of supabase-js that has a secret key. Returns the
 * ids of the jobs: none when nobody subscribed. Throws `SupaqueueError`: `SQ413` when one of the queues does not take so
 * large a payload, `SQ422` for what is not a topic, or cannot be JSON; nothing was enqueued then. Bytes arrive as bytes.
 */
export const publish = async (
  supabase: Supabase,
  topic: string,
  payload: Json | Uint8Array = {},
  { dedupeKey, concurrencyKey, priority, after }: PublishOptions = {},
): Promise<number[]> =>
  await callerOf(supabase, 'supaqueue')('publish', {
    topic,
    payload: sentAs(payload),
    dedupe_key: dedupeKey,
    concurrency_key: concurrencyKey,
    priority,
    delay: after === undefined ? undefined : `${milliseconds('after', after)} milliseconds`,
  })

/**
 * What is published under a topic becomes a job of the queue, too. In the pattern `*` stands for one word, and `**` at the end
 * for one or more; with a filter, only payloads that contain it. Returns whether it is new.
 */
export const subscribe = (
  supabase: Supabase,
  pattern: string,
  queue: string,
  filter?: { [key: string]: Json },
): Promise<boolean> => callerOf(supabase, 'supaqueue')('subscribe', { pattern, queue, filter })

/** Ends that: for the pattern as it was subscribed, or with null for all of the queue. Returns how many subscriptions there were. */
export const unsubscribe = (supabase: Supabase, pattern: string | null, queue: string): Promise<number> =>
  // The generated types know no null for an argument without a default.
  callerOf(supabase, 'supaqueue')('unsubscribe', { pattern: pattern as string, queue })

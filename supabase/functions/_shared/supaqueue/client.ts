/**
 * Sends jobs to supaqueue and waits for them: on a server, or in a browser.
 *
 * @module
 */
export { defineQueue, type PayloadOf, type Queue, type ResultOf, type ReturnedOf } from './queue.ts'
export { createQueue, type QueueSettings } from './create_queue.ts'
export { type Enqueued, type JobToEnqueue, type OpenQueue, openQueue } from './open_queue.ts'
export {
  openQueueAsUser,
  type UserEnqueueOptions,
  type UserQueue,
  type UserQueueOptions,
} from './open_queue_as_user.ts'
export { publish, type PublishOptions, subscribe, unsubscribe } from './topics.ts'
export type { Begin, EnqueueManyOptions, EnqueueOptions, JobOptions, OnConflict } from './order.ts'
export type { JobState, JobStatus, Progress } from './status.ts'
export type { FollowOptions, ProgressOptions, Waiting, WaitOptions } from './wait.ts'
export type { Supabase } from './supabase.ts'
export type { Database, Json } from './database_types.ts'
export { JobFailed, SupaqueueError } from './errors.ts'
export type { Input, Output, SafeParser, Schema, StandardSchema } from './schema.ts'

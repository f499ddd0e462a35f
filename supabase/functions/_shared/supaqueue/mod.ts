/**
 * Sends jobs to supaqueue, and receives them: in an edge function, in a browser, or in any server.
 *
 * @module
 */
export { defineQueue, type PayloadOf, type Queue, type ResultOf, type ReturnedOf } from './queue.ts'
export { type Enqueued, type JobToEnqueue, type OpenQueue, openQueue } from './open_queue.ts'
export {
  openQueueAsUser,
  type UserEnqueueOptions,
  type UserQueue,
  type UserQueueOptions,
} from './open_queue_as_user.ts'
export type { Begin, EnqueueManyOptions, EnqueueOptions, JobOptions, OnConflict } from './order.ts'
export type { JobState, JobStatus, Progress } from './status.ts'
export type { FollowOptions, ProgressOptions, Waiting, WaitOptions } from './wait.ts'
export type { Supabase } from './supabase.ts'
export type { Database, Json } from './database_types.ts'
export { handle, type Handler, type Options, type QueueHandler } from './handle.ts'
export type { Job } from './job.ts'
export type { Background } from './background.ts'
export { consume, type ConsumeOptions, type Consumer } from './consume.ts'
export { type CurrentJob, currentJob, type Reports } from './current_job.ts'
export type { Details, Outcome, Said, Sayings, When } from './said.ts'
export { JobFailed, KillError, LeaseLost, RetryError, SupaqueueError } from './errors.ts'
export type { Input, Output, SafeParser, Schema, StandardSchema } from './schema.ts'
export { type Signed, verify, type VerifyOptions } from './verify.ts'
export type { Deps } from './deps.ts'

/**
 * Receives the jobs of supaqueue: in an edge function, or behind a URL in any server.
 *
 * @module
 */
export { handle, type Handler, type Options } from './handle.ts'
export type { Job } from './job.ts'
export type { Background } from './background.ts'
export { consume, type ConsumeOptions, type Consumer } from './consume.ts'
export { type CurrentJob, currentJob, type Reports } from './current_job.ts'
export type { Details, Outcome, Said, Sayings, When } from './said.ts'
export { KillError, LeaseLost, RetryError, SupaqueueError } from './errors.ts'
export type { Input, Output, SafeParser, Schema, StandardSchema } from './schema.ts'
export { type Signed, verify, type VerifyOptions } from './verify.ts'
export type { World } from './world.ts'

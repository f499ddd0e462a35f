/**
 * Sends jobs to supaqueue, and receives them: in an edge function, in a browser, or in any server.
 *
 * @module
 */
export * from './client.ts'
export { handle, type Handler, type Options, type QueueHandler } from './handle.ts'
export { type Change, defineHook, type HookHandler } from './define_hook.ts'
export { type BatchHandler, type BatchJob, handleBatch, type QueueBatchHandler } from './handle_batch.ts'
export type { Job, MadeBy } from './job.ts'
export type { Background } from './background.ts'
export { consume, type ConsumeOptions, type Consumer } from './consume.ts'
export { type CurrentJob, currentJob, type Reports } from './current_job.ts'
export type { Decision, Decisions, Details, Outcome, When } from './decision.ts'
export { KillError, LeaseLost, RetryError, StepFailed, WaitTimedOut } from './errors.ts'
export type { MapOptions, StepContext, StepOptions, Steps, WaitForOptions } from './steps.ts'
export type { Duration } from './durations.ts'
export { type Signed, verify, type VerifyOptions } from './verify.ts'
export type { Deps } from './deps.ts'

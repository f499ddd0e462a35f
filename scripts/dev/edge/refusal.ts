import type { ServerResponse } from 'node:http'
import { answer } from '../answer.ts'

const refusals = {
  UNAUTHORIZED_NO_AUTH_HEADER: [401, 'Missing authorization header'],
  UNAUTHORIZED_INVALID_JWT_FORMAT: [401, 'Invalid JWT'],
  NOT_FOUND: [404, 'Requested function was not found'],
  WORKER_ERROR: [500, 'Function exited due to an error (please check logs)'],
  BOOT_ERROR: [503, 'Function failed to start (please check logs)'],
  IDLE_TIMEOUT: [504, 'Function did not answer within the idle timeout'],
  WORKER_RESOURCE_LIMIT: [546, 'Function failed due to not having enough compute resources (please check logs)'],
} as const

/** Why the platform itself, not the function, answered: what hosted Supabase puts into `sb-error-code`. */
export type RefusalCode = keyof typeof refusals

/** Answers in the platform's name. Callers tell it from a function's own answer by the header `sb-error-code`. */
export function refuse(response: ServerResponse, code: RefusalCode): void {
  const [status, message] = refusals[code]
  answer(response, status, { code, message }, { 'sb-error-code': code })
}

import { fieldsOf } from './fields.ts'
import type { Claim, QueueRow } from '../turn/turn.ts'
import { notCallable } from '../outcome/not_callable.ts'

/** What a call says: method, parameters of the URL, body, and what the body is. */
export type Message = {
  method: string
  parameters: [string, string][]
  body?: string | Uint8Array<ArrayBuffer>
  /** The content type, when the body has one. */
  type?: 'application/json' | 'application/octet-stream'
  /** What a method without a body has to carry in a header: the state of a slice, JSON in plain ASCII. */
  stateHeader?: string
}

export const WITH_BODY = new Set(['POST', 'PUT', 'PATCH'])

const MAX_STATE_BYTES = 4096

/** What the call for a job says. Throws a `NotCallable` when the job cannot be put that way. */
export function messageOf(queue: QueueRow, { job }: Claim): Message {
  const method = (job.method ?? queue.method ?? 'POST').toUpperCase()
  const query = job.query ? parametersOf(Object.entries(job.query)) : undefined
  // The data of a task is its body, and belongs into no access log. A function reads it as it does for GET.
  const hasBody = WITH_BODY.has(method) || method === 'DELETE' && !queue.edge_function_name && job.payload !== '{}'
  if (!hasBody) {
    const parameters = query ?? fieldsOf(job.payload).flatMap(([name, value]) => parameterOf(name, value))
    return { method, parameters, stateHeader: isContinued(job) ? inHeader(job.state!) : undefined }
  }

  const parameters = query ?? []
  if (isContinued(job)) {
    const body = `{"payload": ${job.payload}, "state": ${job.state}}`
    return { method, parameters, body, type: 'application/json' }
  }
  const bytes = bytesOf(job.payload)
  return bytes
    ? { method, parameters, body: bytes, type: 'application/octet-stream' }
    : { method, parameters, body: job.payload, type: 'application/json' }
}

/** Whether the last slice of a job handed something on. */
export const isContinued = ({ state }: Claim['job']): boolean => state !== undefined && state !== null

/** Parameters from fields: a text as it is, null left out, anything else as JSON. */
export const parametersOf = (fields: [string, unknown][]): [string, string][] =>
  fields.flatMap(([name, value]) =>
    value === null || value === undefined ? [] : [[name, typeof value === 'string' ? value : JSON.stringify(value)]]
  )

/** A parameter from a field's JSON text: a text as it is, null left out, anything else as JSON. */
function parameterOf(name: string, json: string): [string, string][] {
  if (json === 'null') return []
  return [[name, json.startsWith('"') ? JSON.parse(json) : json]]
}

/** The bytes that `{"$base64": "..."}` stands for; undefined for any other payload. */
function bytesOf(payload: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^\s*\{\s*"\$base64"/.test(payload)) return undefined
  const { $base64: text, ...rest } = JSON.parse(payload)
  if (typeof text !== 'string' || Object.keys(rest).length > 0) return undefined
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
  } catch {
    throw notCallable('the $base64 of the payload is not base64', "Write it with encode(bytes, 'base64')")
  }
}

/** JSON as a header can carry it. */
function inHeader(json: string): string {
  const text = json.replace(/[\r\n\t]+/g, ' ')
    .replace(/[^ -~]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
  if (text.length <= MAX_STATE_BYTES) return text
  throw notCallable(
    `the state is longer than ${MAX_STATE_BYTES} bytes, and a method without a body carries it in a header`,
    'Hand on less, or use the method POST',
  )
}

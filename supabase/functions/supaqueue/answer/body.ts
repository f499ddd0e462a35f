import { chunksOf } from '../util/chunks.ts'
import type { Body } from './answer.ts'

/**
 * Reads a body to its end, and keeps its first `cap` bytes. To the end, because a function that streams is done only
 * then, and because hanging up could stop it; no more than `cap`, because memory is short.
 */
export async function readBody(response: Response, cap: number): Promise<Body> {
  // Reading chunk by chunk costs more than all the rest of a call.
  if (isKnownToFit(response.headers, cap)) return { text: await response.text(), truncated: false }

  const decoder = new TextDecoder()
  let text = ''
  let left = cap
  let truncated = false
  for await (const chunk of chunksOf(response)) {
    if (left > 0) {
      text += decoder.decode(chunk.subarray(0, left), { stream: true })
    }
    if (chunk.length > left) truncated = true
    left = Math.max(0, left - chunk.length)
  }
  // A letter that the cap cut in two is dropped; one that the function cut in two shows as such.
  if (!truncated) text += decoder.decode()
  return { text, truncated }
}

// The length of an encoded body says nothing about what it unfolds to.
const isKnownToFit = (headers: Headers, cap: number): boolean => {
  const length = headers.get('content-length')
  return length !== null && Number(length) <= cap && !headers.has('content-encoding')
}

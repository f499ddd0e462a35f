import { SupaqueueError } from './errors.ts'

/** The body of a request, no further than `maxBytes`: anybody may send one. Throws a `SupaqueueError`, SQ413, for more. */
export async function readBody(request: Request, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  if (Number(request.headers.get('content-length')) > maxBytes) throw tooLong(maxBytes)
  const reader = request.body?.getReader()
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for (let read = await reader?.read(); read && !read.done; read = await reader!.read()) {
      length += read.value.length
      if (length > maxBytes) throw tooLong(maxBytes)
      chunks.push(read.value)
    }
  } finally {
    await reader?.cancel().catch(() => {})
  }
  const bytes = new Uint8Array(length)
  let place = 0
  for (const chunk of chunks) {
    bytes.set(chunk, place)
    place += chunk.length
  }
  return bytes
}

const tooLong = (maxBytes: number) =>
  new SupaqueueError(
    'SQ413',
    `the call has more than ${maxBytes} bytes`,
    'Where payloads are that large, give handle the option maxBytes. Better: put large data into Storage, and only its location into the payload.',
  )

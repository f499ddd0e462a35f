import { SupaqueueError } from '../_shared/supaqueue/errors.ts'

/** What a request may have at most. */
export const limits = { bodyBytes: 2 * 1024 * 1024, headers: 64, headerBytes: 32 * 1024, batch: 1000, keyLength: 255 }

/** Throws a 431 when a request has more headers than anybody needs. */
export function expectFewHeaders({ headers }: Request): void {
  let count = 0
  let bytes = 0
  for (const [name, value] of headers) {
    count += 1
    bytes += name.length + value.length
  }
  if (count <= limits.headers && bytes <= limits.headerBytes) return
  throw new SupaqueueError(
    'SQ431',
    `the request has ${count} headers of ${bytes} bytes`,
    `At most ${limits.headers} headers of ${limits.headerBytes} bytes in all are read. Send fewer.`,
  )
}

/** Reads the body, as text, no further than it may be long. Throws a `SupaqueueError`: 413, or 400 when it is no UTF-8 or breaks off. */
export async function readText(request: Request): Promise<string> {
  if (Number(request.headers.get('content-length')) > limits.bodyBytes) {
    throw tooLarge()
  }
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let text = ''
  let bytes = 0
  const reader = request.body?.getReader()
  try {
    for (let read = await reader?.read(); read && !read.done; read = await reader!.read()) {
      bytes += read.value.length
      if (bytes > limits.bodyBytes) throw tooLarge()
      text += decoder.decode(read.value, { stream: true })
    }
    return text + decoder.decode()
  } catch (reason) {
    await reader?.cancel().catch(() => {})
    if (reason instanceof SupaqueueError) throw reason
    throw new SupaqueueError('SQ400', 'the body cannot be read: it breaks off, or is not UTF-8', 'Send JSON in UTF-8.')
  }
}

const tooLarge = () =>
  new SupaqueueError(
    'SQ413',
    `the body has more than ${limits.bodyBytes} bytes`,
    'Nothing was changed. Send several requests; put large data into Storage, and only its location into the payload.',
  )

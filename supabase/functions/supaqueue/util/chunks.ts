/** The chunks of a body; none when there is no body. Leaving the loop early cancels the body. */
export async function* chunksOf(message: Request | Response): AsyncGenerator<Uint8Array> {
  const reader = message.body?.getReader()
  if (!reader) return
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value
  } finally {
    await reader.cancel()
  }
}

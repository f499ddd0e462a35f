import { keyPhrases } from './key_phrases.ts'
import { readability } from './readability.ts'
import { sentencesOf, wordsOf } from './words.ts'

/** A job's payload. `takes_ms` stands for slow work, such as a call to a language model. */
export type Payload = { text: string; takes_ms?: number; failing_attempts?: number }

/** Reads a paragraph, and answers what can be said about it by counting. */
export async function handle(request: Request): Promise<Response> {
  const beganAt = Date.now()
  const attempt = Number(request.headers.get('supaqueue-attempt') ?? 1)
  const { text = '', takes_ms = 0, failing_attempts = 0 } = await request.json() as Partial<Payload>

  await new Promise((resolve) => setTimeout(resolve, takes_ms))
  if (attempt <= failing_attempts) {
    return Response.json({ error: `attempt ${attempt} fails on purpose` }, { status: 500 })
  }

  const words = wordsOf(text)
  if (words.length === 0) return Response.json({ error: 'there is nothing to read' }, { status: 422 })

  const sentences = sentencesOf(text).length
  return Response.json({
    words: words.length,
    sentences,
    readability: readability(words, sentences),
    key_phrases: keyPhrases(text),
    began_at: beganAt,
    ended_at: Date.now(),
  })
}

import { rpc } from '../../../../supabase/functions/_shared/supaqueue/database.ts'
import { type Deps, runtime } from '../../../../supabase/functions/_shared/supaqueue/deps.ts'

type Reading = { words: number; sentences: number; readability: number; key_phrases: string[] }
type Source = { queue: string; status: string; payload: { paragraph?: number }; result: Reading | null }

/** What all readings of a text come to. */
export type Merged = {
  paragraphs: number
  /** The numbers of those that could not be read. */
  unread: number[]
  words: number
  sentences: number
  /** Of the whole text: that of each paragraph, weighed by its words. */
  readability: number | null
  hardest_paragraph: number | null
  key_phrases: string[]
  began_at: number
}

/** Puts together what the jobs that this one waited for have brought. */
export async function handle(request: Request, deps: Deps = runtime): Promise<Response> {
  const beganAt = deps.now()
  const job = Number(request.headers.get('supaqueue-job-id'))
  const sources = await rpc(deps, 'source_results', { job }) as Source[]
  return Response.json({ ...merge(sources), began_at: beganAt })
}

function merge(sources: Source[]): Omit<Merged, 'began_at'> {
  // The job that split the text is among them; it read nothing.
  const parts = sources.flatMap(({ payload: { paragraph }, status, result }) =>
    paragraph === undefined ? [] : [{ paragraph, reading: status === 'success' ? result : null }]
  )
  const read = parts.flatMap(({ paragraph, reading }) => reading ? [{ paragraph, ...reading }] : [])
  const sum = (count: (reading: Reading) => number) => read.reduce((total, reading) => total + count(reading), 0)
  const words = sum((reading) => reading.words)
  const [hardest] = [...read].sort((one, other) => one.readability - other.readability)
  return {
    paragraphs: parts.length,
    unread: parts.filter(({ reading }) => !reading).map(({ paragraph }) => paragraph),
    words,
    sentences: sum((reading) => reading.sentences),
    readability: words > 0 ? Math.round(sum((reading) => reading.readability * reading.words) / words) : null,
    hardest_paragraph: hardest?.paragraph ?? null,
    key_phrases: mostFrequent(read.flatMap(({ key_phrases }) => key_phrases), 5),
  }
}

function mostFrequent(phrases: string[], most: number): string[] {
  const counts = new Map<string, number>()
  for (const phrase of phrases) counts.set(phrase, (counts.get(phrase) ?? 0) + 1)
  return [...counts].sort(([, one], [, other]) => other - one).slice(0, most).map(([phrase]) => phrase)
}

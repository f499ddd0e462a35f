import type { ClientBase } from 'pg'
import { GENERATED, table } from './markdown.ts'

type Outcome = {
  outcome: string
  word: string | null
  becomes: string | null
  attempt: string
  wait: string | null
  recorded: boolean
}

/** Every way a call can end, and what follows: the view supaqueue.outcome. */
export async function outcomesPage(db: ClientBase): Promise<string> {
  const { rows } = await db.query<Outcome>(
    'select outcome, word, becomes::text, attempt, wait, recorded from supaqueue.outcome',
  )
  return [
    GENERATED,
    '# Outcomes',
    'What can become of a call, and what follows for its job. In SQL: `select * from supaqueue.outcome`.',
    table(
      ['outcome', 'a function says it by', 'the job becomes', 'attempt', 'waits', 'in the history'],
      rows.map(({ outcome, word, becomes, attempt, wait, recorded }) => [
        `\`${outcome}\``,
        word ? `\`${word}\`` : '',
        outcome === 'dropped' ? 'deleted' : becomes ?? '',
        attempt ? ATTEMPT[attempt] ?? attempt : '',
        wait ? WAIT[wait] ?? wait : '',
        recorded ? 'yes' : '',
      ]),
    ),
    'A job whose limit is reached (`max_attempts`, `max_defer_ms`, `max_repeats`) becomes `failed` instead of `pending`.',
    'What makes a call end in which way: [the dispatcher](answers.md).',
  ].join('\n\n') + '\n'
}

const ATTEMPT: Record<string, string> = { used: 'used', returned: 'not used', anew: 'all attempts again' }
const WAIT: Record<string, string> = {
  backoff: 'longer each time, or as asked',
  short: 'as asked, an hour at most',
  long: 'as asked',
}

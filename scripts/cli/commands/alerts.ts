import { look } from '../project/look.ts'
import type { Target } from '../project/open.ts'
import { plain } from '../terminal/plain.ts'
import { type Column, table } from '../terminal/table.ts'
import { fromNow } from '../terminal/times.ts'
import type { Deps } from '../deps.ts'
import { EXIT } from './exit.ts'

/** A rule, and what is wrong by it now. Times are ISO texts. */
type Rule = {
  name: string
  kind: string
  queue: string | null
  threshold: number
  notify: string
  state: 'firing' | 'rising' | 'well' | 'off'
  told_at: string | null
  told_text: string | null
  told_job: number | null
  troubles: { subject: string; since: string; raised_at: string | null; text: string }[]
}

/** Shows the rules of alerts, which of them fire, and what was told last. Returns the exit code. */
export const alerts = (options: Target & { json?: boolean }, deps: Deps): Promise<number> =>
  look(options, deps, async (db) => {
    const [row] = await db.query<{ now: string; rules: Rule[] }>(
      `select to_jsonb(clock_timestamp()) #>> '{}' as now, supaqueue.alert_overview() as rules`,
    )
    const { now, rules } = row!
    deps.say(options.json ? JSON.stringify(rules) : page(rules, now, deps.screen?.columns).join('\n'))
    return EXIT.done
  })

function page(rules: Rule[], now: string, width?: number): string[] {
  if (rules.length === 0) {
    return [
      'No alert is set. To be told when jobs are late by ten minutes:',
      'pnpm supaqueue set-alert late backlog_older_than 600 <queue>',
    ].map(plain)
  }
  const columns: Column<Rule>[] = [
    { head: 'alert', cell: ({ name }) => name },
    { head: 'state', cell: ({ state }) => state },
    { head: 'when', cell: ({ kind, threshold }) => `${kind} ${threshold}` },
    { head: 'queue', cell: ({ queue }) => queue ?? 'each', spare: 2 },
    { head: 'tells', cell: ({ notify }) => notify },
    { head: 'last told', cell: ({ told_at }) => told_at ? fromNow(told_at, now) : 'never', spare: 1 },
  ]
  const wrong = rules.flatMap(({ troubles }) => troubles)
  const last = rules.filter(({ told_at }) => told_at !== null).sort((a, b) => a.told_at! < b.told_at! ? 1 : -1)[0]
  return [
    ...table(columns, rules, width),
    ...wrong.length > 0 ? [''] : [],
    ...wrong.map(({ text, since, raised_at }) =>
      `${raised_at ? 'firing' : 'rising'} since ${fromNow(since, now)}: ${text}`
    ),
    ...last ? ['', `Told last, ${fromNow(last.told_at!, now)}, by job ${last.told_job}: ${last.told_text}`] : [],
  ].map(plain)
}

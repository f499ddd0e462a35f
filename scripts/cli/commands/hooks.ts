import { sayGap } from '../../../console/say.ts'
import { look } from '../project/look.ts'
import type { Target } from '../project/open.ts'
import { plain } from '../terminal/plain.ts'
import { type Column, table } from '../terminal/table.ts'
import { fromNow } from '../terminal/times.ts'
import type { Deps } from '../deps.ts'
import { confirm } from './confirm.ts'
import { EXIT } from './exit.ts'

export type HooksOptions = Target & { action?: 'adopt'; apply?: boolean; yes?: boolean; json?: boolean }

/** A hook, what it has made lately, and what is wrong with it. Times are ISO texts. */
type Hook = {
  hook: string
  table: string
  queue: string
  events: string[]
  enabled: boolean
  off_since: string | null
  off_reason: string | null
  made: number
  last_at: string | null
  gaps: string[]
  faults: { at: string; code: string; reason: string }[]
  lost: number
  backfills: {
    backfill: number
    status: string
    rows: number
    percent: number | null
    reason: string | null
  }[]
}

/** A Database Webhook, and the statements that put a hook in its place. */
type Webhook = {
  name: string
  table: string
  calls: string | null
  enabled: boolean
  statements: string[]
  afterwards: string | null
  notes: string[]
  /** Why it stays as it is. */
  refused: { code: string; message: string; hint: string } | null
}

/** Shows the hooks of tables, or what puts hooks in the place of Database Webhooks. Returns the exit code. */
export const hooks = (options: HooksOptions, deps: Deps): Promise<number> =>
  options.action === 'adopt' ? adopt(options, deps) : look(options, deps, async (db) => {
    const [row] = await db.query<{ now: string; hooks: Hook[] }>(
      `select to_jsonb(clock_timestamp()) #>> '{}' as now, supaqueue.hook_overview() as hooks`,
    )
    const { now, hooks } = row!
    deps.say(options.json ? JSON.stringify(hooks) : page(hooks, now, deps.screen?.columns).join('\n'))
    return EXIT.done
  })

function page(hooks: Hook[], now: string, width?: number): string[] {
  if (hooks.length === 0) {
    return [
      'No table has a hook. To have changes of one become jobs, in SQL:',
      `select supaqueue.on_change('public.photos', 'thumbnails');`,
      'From Database Webhooks: pnpm supaqueue hooks adopt',
    ].map(plain)
  }
  const columns: Column<Hook>[] = [
    { head: 'hook', cell: ({ hook }) => hook },
    { head: 'table', cell: ({ table }) => table },
    { head: 'queue', cell: ({ queue }) => queue },
    { head: 'on', cell: ({ events }) => events.join(', '), spare: 2 },
    { head: 'state', cell: ({ enabled, off_since }) => enabled ? 'on' : `off since ${fromNow(off_since!, now)}` },
    { head: 'jobs lately', cell: ({ made }) => String(made) },
    { head: 'last', cell: ({ last_at }) => last_at ? fromNow(last_at, now) : 'never', spare: 1 },
  ]
  return [
    ...table(columns, hooks, width),
    ...hooks.flatMap(({ hook, off_reason, gaps, faults, lost, backfills }) => [
      ...off_reason ? [`${hook} is off: ${off_reason}`] : [],
      ...gaps.map((gap) => `${hook}: ${sayGap(gap)}`),
      ...lost > 0 ? [`${hook} has lost ${lost} ${lost === 1 ? 'change' : 'changes'}`] : [],
      ...faults.slice(0, 1).map(({ at, code, reason }) => `${hook}, ${fromNow(at, now)}: ${reason} (${code})`),
      ...backfills.filter(({ status }) => status === 'running').map(({ backfill, rows, percent, reason }) =>
        `${hook}: backfill ${backfill} has looked at ${rows} rows${percent === null ? '' : `, ${percent} %`}${
          reason ? `, and waits: ${reason}` : ''
        }`
      ),
    ]),
  ].map(plain)
}

function adopt(options: HooksOptions, deps: Deps): Promise<number> {
  return look(options, deps, async (db) => {
    const ask = async (dryRun: boolean) => {
      const sql = 'select supaqueue.adopt_webhooks(dry_run => $1) as webhooks'
      const [row] = await (dryRun ? db.query : db.change)<{ webhooks: Webhook[] }>(sql, [dryRun])
      return row!.webhooks
    }
    const webhooks = await ask(true)
    const ready = webhooks.filter(({ enabled, statements }) => enabled && statements.length > 0)
    const say = (applied: boolean, webhooks: Webhook[], lines: string[]) =>
      deps.say(options.json ? JSON.stringify({ applied, webhooks }) : lines.map(plain).join('\n'))
    if (webhooks.length === 0) {
      say(false, webhooks, ['This project has no Database Webhooks.'])
      return EXIT.done
    }
    if (!options.apply) {
      say(false, webhooks, [
        ...webhooks.flatMap(statementsOf),
        '-- Nothing was changed. To run this: pnpm supaqueue hooks adopt --apply',
      ])
      return EXIT.done
    }
    if (!options.json) deps.say(webhooks.flatMap(statementsOf).map(plain).join('\n'))
    if (ready.length === 0) {
      say(false, webhooks, ['Nothing was changed: no webhook that is switched on can be adopted.'])
      return EXIT.done
    }
    if (!options.yes && !await confirm(deps, `Put hooks in the place of ${count(ready)}?`)) return EXIT.declined
    const after = await ask(false)
    const tried = after.filter(({ enabled, statements }) => enabled && statements.length > 0)
    const refused = tried.filter(({ refused }) => refused)
    const done = tried.filter(({ refused }) => !refused)
    say(done.length > 0, after, [
      ...done.length > 0
        ? [`Hooks stand in the place of ${count(done)}, switched off by now. Once they work, drop them as said above.`]
        : [],
      ...refused.length > 0 ? [`Refused, and left as it was: ${count(refused)}:`] : [],
      ...refused.flatMap(({ name, table, refused }) => [
        `  ${name} on ${table}: ${refused!.message} (${refused!.code})`,
        ...refused!.hint ? [`    ${refused!.hint}`] : [],
      ]),
    ])
    return refused.length > 0 ? EXIT.failed : EXIT.done
  })
}

const count = ({ length }: Webhook[]) => length === 1 ? 'one webhook' : `${length} webhooks`

/** The statements for one webhook, as a file for psql: all else is a comment, what is refused besides. */
const statementsOf = ({ name, table, calls, enabled, statements, afterwards, notes, refused }: Webhook): string[] => [
  `-- ${name} on ${table} calls ${calls ?? 'nothing'}${enabled ? '' : ', and is switched off'}`,
  ...notes.map((note) => `-- ${note}`),
  ...refused ? [`-- refused: ${refused.message} (${refused.code})`] : [],
  ...statements.flatMap((statement) => refused ? statement.split('\n').map((line) => `-- ${line}`) : [statement]),
  ...afterwards === null ? [] : [`-- once the hook works: ${afterwards}`],
  '',
]

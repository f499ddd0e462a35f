import pg from 'pg'
import type { TestDatabase } from '../support/database.ts'

/** What became of the last thing an actor was told to do. */
export type Reached =
  | { kind: 'paused'; label: string }
  | { kind: 'answered'; rows: Record<string, unknown>[] }
  | { kind: 'refused'; code: string; message: string }

/** One session under exploration. */
export type Actor = {
  pid: number
  /** Warnings so far. Whoever reads them empties the list. */
  warnings: string[]
  /** Begins a statement, or several separated by semicolons. */
  begin(sql: string): void
  /** Lets it go on from its pause. */
  resume(): Promise<void>
  /** What was reached since the last `begin` or `resume`, once something was. */
  reached(): Reached | undefined
  /** Settles when something is reached. */
  next(): Promise<void>
  /** Gives up whatever is under way and rolls back. */
  abandon(): Promise<void>
}

const SPACE = 1346458963

/** Opens the session of the actor with this number; `conductor` is the session that holds its pauses. */
export async function makeActor(database: TestDatabase, number: number, conductor: pg.Client): Promise<Actor> {
  // The number of the pause whose lock the conductor has.
  let held = 1
  let reached: Reached | undefined
  let wake = () => {}
  let over: Promise<void> = Promise.resolve()
  const warnings: string[] = []

  await conductor.query('select pg_advisory_lock($1, $2)', [SPACE + number, held])
  let { client, pid } = await open()

  return {
    get pid() {
      return pid
    },
    warnings,
    begin(sql) {
      reached = undefined
      over = client.query(sql).then(
        (result) => reach({ kind: 'answered', rows: lastRows(result) }),
        (reason) => reach({ kind: 'refused', code: reason.code ?? 'none', message: reason.message }),
      )
    },
    async resume() {
      reached = undefined
      await passOn()
    },
    reached: () => reached,
    next: () => reached ? Promise.resolve() : new Promise((resolve) => wake = resolve),
    async abandon() {
      if (reached?.kind === 'paused' || !reached) {
        // A cancel may be survived, and what was done by then be committed. This is not.
        await conductor.query('select pg_terminate_backend($1, 60000)', [pid])
        await over
        await client.end().catch(() => {})
        const { rows } = await conductor.query(
          `select last_value + is_called::integer as next from interleaving.pause_${number}`,
        )
        if (Number(rows[0].next) !== held) await passOn()
        warnings.splice(0)
        const opened = await open()
        client = opened.client
        pid = opened.pid
      } else {
        await client.query('rollback')
      }
    },
  }

  async function open(): Promise<{ client: pg.Client; pid: number }> {
    const client = await database.connect()
    const results = await client.query(`set interleaving.actor = '${number}'; select pg_backend_pid() as pid`)
    client.on('notice', (notice) => {
      if (notice.message === 'paused') {
        reach({ kind: 'paused', label: notice.detail ?? '' })
        // Rolling back what has ended already is no news.
      } else if (notice.severity === 'WARNING' && notice.code !== '25P01') {
        warnings.push(notice.message ?? '')
      }
    })
    return { client, pid: lastRows(results)[0]!.pid as number }
  }

  function reach(what: Reached): void {
    reached = what
    wake()
  }

  /** The lock of the next pause is taken before that of this one goes, so that the actor cannot run ahead. */
  async function passOn(): Promise<void> {
    held++
    await conductor.query('select pg_advisory_lock($1, $3), pg_advisory_unlock($1, $2)', [
      SPACE + number,
      held - 1,
      held,
    ])
  }
}

function lastRows(result: pg.QueryResult | pg.QueryResult[]): Record<string, unknown>[] {
  return (Array.isArray(result) ? result.at(-1)! : result).rows
}

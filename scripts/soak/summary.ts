import type { Ledger } from './balance.ts'

/** The ledger for a person. */
export function summary(ledger: Ledger): string {
  const { findings, accidents, ran_again: again } = ledger
  const trouble = [
    ...Object.entries(findings).filter(([, list]) => list.length > 0).map(([name, list]) => `${name}: ${few(list)}`),
    ...again.unexplained.length > 0 ? [`ran again without a reason: ${few(again.unexplained)}`] : [],
    ...accidents.length > 0 ? [`accidents: ${few(accidents)}`] : [],
  ]
  return [
    '',
    `After ${seconds(ledger.loaded_for_ms)} of load and ${
      seconds(ledger.settled_in_ms)
    } of settling, seed ${ledger.seed}:`,
    '',
    ...table([
      [
        'in',
        ledger.in,
        `${ledger.rolled_back} rolled back, ${ledger.commit_unknown} committed while the connection broke`,
      ],
      ['done', ledger.done, ''],
      ['failed', ledger.failed, 'as they were told to'],
      ['gone', ledger.gone_with_their_queue, 'with their queue'],
      ['lost', ledger.lost, ''],
      ['ran again', again.jobs, counts(again.why)],
      ['unknown', sum(ledger.unknown_outcomes), counts(ledger.unknown_outcomes)],
      ['faults', sum(ledger.faults), counts(ledger.faults)],
    ]),
    '',
    ...table([
      ['queue', 'workers', 'most calls at once, those of unknown outcome included'],
      ...ledger.parallel.map(({ queue, workers, most }) => [queue, workers, most]),
    ]),
    '',
    ...table([
      ['MB of memory', 'start', 'most', 'end'],
      ...ledger.memory.map((each) => [
        each.process,
        each.start_mb,
        each.most_mb,
        each.end_mb,
      ]),
    ]),
    '',
    ...table([
      ['kB on disk', 'table before', 'after', 'indexes before', 'after'],
      ...ledger.tables.map(({ table, before, after }) => [
        table,
        before?.kb ?? 0,
        after.kb,
        before?.indexes_kb ?? 0,
        after.indexes_kb,
      ]),
    ]),
    '',
    ledger.balanced ? 'The ledger balances.' : 'THE LEDGER DOES NOT BALANCE.',
    ...trouble,
  ].join('\n')
}

type Cell = string | number

/** The rows with their cells below one another. */
function table(rows: Cell[][]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)))
  return rows.map((row) => row.map((cell, column) => String(cell).padEnd(widths[column]!)).join('  ').trimEnd())
}

const counts = (each: Record<string, number>): string =>
  Object.entries(each).map(([name, count]) => `${name} ${count}`).join(', ')

const sum = (each: Record<string, number>): number => Object.values(each).reduce((total, count) => total + count, 0)

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

const few = (list: unknown[]): string =>
  `${list.slice(0, 5).map((each) => typeof each === 'string' ? each : JSON.stringify(each)).join('; ')}${
    list.length > 5 ? `; and ${list.length - 5} more` : ''
  }`

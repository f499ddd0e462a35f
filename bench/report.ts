import type { Finding, Table, Target } from './scenario.ts'

/** A table in plain text: words to the left, figures to the right. */
export function drawTable({ title, columns, rows, notes }: Table): string {
  const widths = columns.map((name, i) => Math.max(name.length, ...rows.map((row) => (row[i] ?? '').length)))
  const wordy = columns.map((_, i) => i === 0 || rows.some((row) => /^[a-z]/i.test(row[i] ?? '')))
  const line = (cells: string[]) =>
    cells.map((cell, i) => wordy[i] ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)).join('  ').trimEnd()
  return [
    title,
    '',
    `  ${line(columns)}`,
    `  ${widths.map((width) => '-'.repeat(width)).join('  ')}`,
    ...rows.map((row) => `  ${line(row)}`),
    ...notes.map((note) => `  * ${note}`),
    '',
  ].join('\n')
}

/** All targets as one table. */
export const targetTable = (targets: Target[]): Table => ({
  title: 'Targets',
  columns: ['claim', 'reached', 'held'],
  rows: targets.map(({ claim, reached, held }) => [claim, reached, held === undefined ? '?' : held ? 'yes' : 'NO']),
  notes: [],
})

/** What a person reads at the end of a run. */
export function report(findings: Finding[]): string {
  const targets = findings.flatMap((finding) => finding.targets)
  const tables = findings.flatMap((finding) => finding.tables)
  return [...tables, ...(targets.length > 0 ? [targetTable(targets)] : [])].map(drawTable).join('\n')
}

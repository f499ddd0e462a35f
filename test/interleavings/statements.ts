/** A statement of PL/pgSQL: the line it begins on, its indentation, and its text up to where the next could begin. */
export type Statement = { line: number; indent: string; text: string }

/** A PL/pgSQL function in a file: its qualified name, and where the lines of its declarations and body are. */
export type Body = { name: string; declare: number; begin: number; end: number }

/** The PL/pgSQL functions that a file creates. Functions in plain SQL are one statement each, so nothing is inside. */
export function plpgsqlBodies(lines: string[]): Body[] {
  const bodies: Body[] = []
  lines.forEach((line, at) => {
    const name = /^create or replace function ([\w.]+)\(/.exec(line)?.[1]
    if (!name) return
    const open = lines.indexOf('as $$', at)
    const end = lines.indexOf('$$;', at)
    if (!lines.slice(at, open).includes('language plpgsql')) return
    bodies.push({ name, declare: open + 1, begin: lines.indexOf('begin', open), end })
  })
  return bodies
}

/**
 * The statements of a body, those inside of branches and loops too. Leans on the house's layout: a statement begins on
 * a line of its own.
 */
export function statementsOf(lines: string[], { begin, end }: Body): Statement[] {
  const statements: Statement[] = []
  for (let line = begin + 1; line < end; line++) {
    const text = lines[line]!.trim()
    if (text === '' || text.startsWith('--') || /^(begin|else|exception|end\b.*;)/.test(text)) continue
    const last = lastLine(lines, line, end)
    // These belong to the statement above them: nothing can be put in between.
    if (!/^(elsif|when)\b/.test(text)) {
      statements.push({
        line,
        indent: /^ */.exec(lines[line]!)![0],
        text: lines.slice(line, last + 1).filter((each) => !each.trim().startsWith('--')).join('\n'),
      })
    }
    line = last
  }
  return statements
}

function lastLine(lines: string[], first: number, end: number): number {
  const word = /^\s*(\w+)/.exec(lines[first]!)![1]!
  const closes = /^(if|elsif|when)$/.test(word) ? /\bthen$/ : /^(for|while|loop)$/.test(word) ? /\bloop$/ : /;$/
  for (let line = first; line < end; line++) {
    if (closes.test(lines[line]!.replace(/--.*$/, '').trimEnd())) return line
  }
  throw new Error(`no end of the statement on line ${first + 1}: ${lines[first]}`)
}

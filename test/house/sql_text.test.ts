import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

// SQL that a program puts together: what goes in between is quoted by the driver, or is a name of the program's own. Values go as
// parameters; where a statement takes none, they are quoted.

const root = join(import.meta.dirname, '../..')

/** What is quoted by who is there for it, and constants, whose names are in capitals. */
const QUOTED =
  /^(pg\.)?(escapeIdentifier|escapeLiteral|quote|literal|text|identifier|quoteLiteral|quoteIdentifier)\(|^[A-Z][A-Z0-9_]*$/

/** What may be a value: a name, or a field of one. Calls and lists are pieces of a statement that are written elsewhere, by the same rule. */
const VALUE = /^[a-z][\w.?!]*$/

/** What is put in unquoted for all that: by file, the expressions, and why none of them can be somebody else's. */
const EXPLAINED: Record<string, { expressions: string[]; why: string }> = JSON.parse(
  readFileSync(join(import.meta.dirname, 'sql_text.json'), 'utf8'),
)

/** Template literals of a text, each with what stands in its holes. A hole may have others in it. */
function templatesOf(text: string): { text: string; holes: string[] }[] {
  const found: { text: string; holes: string[] }[] = []
  const readTemplate = (start: number): number => {
    const template = { text: '', holes: [] as string[] }
    let at = start + 1
    for (; at < text.length && text[at] !== '`'; at++) {
      if (text[at] === '\\') at++
      else if (text.startsWith('${', at)) {
        const from = at + 2
        let depth = 1
        for (at = from; at < text.length && depth > 0; at++) {
          if (text[at] === '`') at = readTemplate(at)
          else if (text[at] === '{') depth++
          else if (text[at] === '}') depth--
        }
        at--
        template.holes.push(text.slice(from, at).trim())
        template.text += '?'
      } else template.text += text[at]
    }
    found.push(template)
    return at
  }
  for (let at = 0; at < text.length; at++) {
    if (text.startsWith('//', at) && text[at - 1] !== ':') at = Math.max(at, text.indexOf('\n', at) - 1)
    else if (/^\s?\/\*/.test(text.slice(at === 0 ? 0 : at - 1, at + 2)) && text.startsWith('/*', at)) {
      at = Math.max(at, text.indexOf('*/', at))
    } else if (text[at] === '`') at = readTemplate(at)
  }
  return found
}

const SQL =
  /^\s*(select\s|insert into\s|update\s\S+\sset\s|delete from\s|begin\b|savepoint\s|lock table\s|set (local|role|session)\s|alter\s(role|table|database|function|schema|extension|view)\s|create\s(or replace|table|role|function|schema|database|extension|index|trigger|view)\s|drop\s(table|role|function|schema|database|extension|trigger|view)\s|grant\s|revoke\s|do \$|with\s\w+ as|truncate\s|notify\s|comment on\s|copy\s)/

/** The holes of a file's SQL that nothing quotes. */
const unquoted = (text: string): string[] =>
  templatesOf(text).filter((template) => SQL.test(template.text)).flatMap((template) => template.holes)
    .filter((hole) => VALUE.test(hole) && !QUOTED.test(hole))

test('a value that is put into SQL as it is would be found, however deep', () => {
  expect(unquoted('db.query(`drop schema ${name} cascade`)')).toEqual(['name'])
  expect(unquoted('db.query(`select ${list.map((one) => `delete from ${one.table}`)} from t`)')).toEqual(['one.table'])
  expect(unquoted("x(`a`, `insert into t values ('${value}')`)")).toEqual(['value'])
  expect(unquoted('db.query(`drop schema ${pg.escapeIdentifier(name)}`); print(`select one of ${names}`, `${a}`)'))
    .toEqual(['names'])
  expect(unquoted('db.query(`select ${COLUMNS} from t`)')).toEqual([])
})

test('scripts and functions put nothing into SQL unquoted, but for a reason', () => {
  const found: Record<string, string[]> = {}
  for (const folder of ['scripts', 'supabase/functions', 'console']) {
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (!/\.tsx?$/.test(name) || name.includes('node_modules')) continue
      const file = `${folder}/${name.replaceAll('\\', '/')}`
      const holes = [...new Set(unquoted(readFileSync(join(root, file), 'utf8')))]
      const unexplained = holes.filter((hole) => !EXPLAINED[file]?.expressions.includes(hole))
      if (unexplained.length > 0) found[file] = unexplained
    }
  }
  expect(found).toEqual({})
})

test('each reason is still needed', () => {
  for (const [file, { expressions, why }] of Object.entries(EXPLAINED)) {
    expect(why.length).toBeGreaterThan(10)
    const holes = unquoted(readFileSync(join(root, file), 'utf8'))
    expect(expressions.filter((expression) => !holes.includes(expression)), file).toEqual([])
  }
})

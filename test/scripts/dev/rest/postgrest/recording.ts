import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What PostgREST answered: the body is cut after 420 characters. */
export type Recorded = { name: string; status: number; headers: string; body: string; cut: boolean }

/** The answers of PostgREST 12.2.12 behind the same database, in the order in which they were asked for. */
export function readRecording(): Recorded[] {
  const text = readFileSync(join(import.meta.dirname, 'answers-12.2.12.txt'), 'utf8')
  return text.split(/^## /m).slice(1).map((block) => {
    const [title = '', head = '', body = ''] = block.split('\n   ')
    const [, name = ''] = /^(.*) \[\w+\] [A-Z]+ /.exec(title) ?? []
    const [, status, headers = ''] = /^(\d+) (.*)$/.exec(head.trimEnd()) ?? []
    const cut = / …\(\d+\)$/.test(body.trimEnd())
    return { name, status: Number(status), headers, body: body.trim().replace(/ …\(\d+\)$/, ''), cut }
  })
}

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../support/markdown.ts'

/** What the drawing of the tree says of each folder. */
const drawn = new Map<string, string>()
let folder = ''
const [, drawing = ''] = /## Where things are\n\n```\n([^]*?)```/.exec(
  readFileSync(join(root, 'docs/contributing.md'), 'utf8'),
) ?? []
for (const line of drawing.trimEnd().split('\n')) {
  folder = /^\S+\//.exec(line)?.[0] ?? folder
  drawn.set(folder, `${drawn.get(folder) ?? ''} ${line.replace(/^\S+\//, '').trim()}`)
}

const files = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0')
const foldersIn = (path: string) => [
  ...new Set(
    files.filter((file) => file.startsWith(path)).map((file) => file.slice(path.length).split('/'))
      .flatMap(([name = '', ...rest]) => rest.length > 0 && !name.startsWith('.') ? [name] : []),
  ),
]

test('the drawing has every folder, and none that is not there', () => {
  const top = foldersIn('').flatMap((name) =>
    name === 'functions'
      ? ['functions/core/', 'functions/modules/']
      : name === 'supabase'
      ? ['supabase/functions/']
      : [`${name}/`]
  )

  // Skills are for programs that write code, and are read by nobody else.
  expect([...drawn.keys(), 'skills/'].sort()).toEqual(top.sort())
})

test.for([['functions/core/'], ['scripts/'], ['supabase/functions/']] as const)(
  'of %s it names every room',
  ([path]) => {
    const named = new Set(drawn.get(path)!.match(/[\w-]+/g))

    expect(foldersIn(path).filter((name) => !named.has(name))).toEqual([])
  },
)

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { describe, expect, test } from 'vitest'
import config from '../../docs/.vitepress/config.ts'
import { pages, readPage, root } from '../support/markdown.ts'

// Whoever looks for something finds it: links lead somewhere, nothing is further than two clicks, and no page is left out.

const docs = pages.filter((page) => page.startsWith('docs/'))
const files = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  .split('\0')

type Link = { text: string; page: string; anchor: string }

/** The links of a page to other pages, as a reader sees them: in a table, the row says what its links are about. */
function linksIn(page: string, text = readPage(page)): Link[] {
  return withoutCode(text).split(/\n(?=\s*[-|])|\n\n/).flatMap((block) =>
    [...block.matchAll(/\[([^\]]*)\]\(([^)\s]+)\)/g)].flatMap(([, label = '', target = '']) => {
      const [path = '', anchor = ''] = target.split('#')
      if (/^[a-z]+:/.test(target) || (path !== '' && !path.endsWith('.md'))) return []
      const around = block.startsWith('|') ? block.split('|')[1]! : ''
      return [{ text: `${around} ${label}`, page: path === '' ? page : posix.join(dirname(page), path), anchor }]
    })
  )
}

const withoutCode = (text: string): string => text.replace(/^```[\s\S]*?^```$/gm, '')

const headingsOf = (page: string): string[] =>
  [...withoutCode(readPage(page)).matchAll(/^#+ (.*)$/gm)].map((match) =>
    match[1]!.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
  )

/** As VitePress makes an anchor of a heading; as GitHub does is held by readme.test.ts. */
const onTheSite = (heading: string): string =>
  heading.toLowerCase().replace(/[\s~`!@#$%^&*()\-+=[\]{}|\\;:"'“”‘’<>,.?/]+/g, '-').replace(/-{2,}/g, '-').replace(
    /^-+|-+$/g,
    '',
  )

describe('links', () => {
  test.each(docs)('every heading that %s points to is there on the site, too', (page) => {
    const dead = linksIn(page)
      .filter(({ anchor, page: target }) => anchor !== '' && target.startsWith('docs/'))
      .filter(({ anchor, page: target }) => !headingsOf(target).some((heading) => onTheSite(heading) === anchor))
      .map(({ page: target, anchor }) => `${target}#${anchor}`)

    expect(dead).toEqual([])
  })

  test('every page that the code names is there, and is no README that only contributors read', () => {
    const named = files.filter((file) => /^(functions|migrations|scripts|supabase|console)\/.*\.(sql|tsx?)$/.test(file))
      .filter((file) => existsSync(join(root, file)))
      .flatMap((file) =>
        [...readFileSync(join(root, file), 'utf8').matchAll(/(?<![\w./-])docs\/[\w./-]+\.(?:md|yaml|json|svg|html)/g)]
          .filter(([path]) => !existsSync(join(root, path)))
          .map(([path]) => `${file}: ${path}`)
      )

    // What an upload to a made-up storage is called in an example.
    expect(named.filter((name) => !name.includes('storage'))).toEqual([])
  })

  test('no message sends its reader to a README', () => {
    const sending = files.filter((file) => /^(functions|scripts|supabase|console)\/.*\.(sql|tsx?)$/.test(file))
      .filter((file) => existsSync(join(root, file)))
      .flatMap((file) =>
        readFileSync(join(root, file), 'utf8').split('\n')
          .filter((line) => /(hint|message)\b.*[a-z]\/README\.md/.test(line))
          .map((line) => `${file}: ${line.trim()}`)
      )

    expect(sending).toEqual([])
  })
})

describe('the site', () => {
  const listed = [...JSON.stringify(config.themeConfig?.sidebar).matchAll(/"link":"([^"]+)"/g)].map((match) =>
    match[1]!
  )
  const addressOf = (page: string): string =>
    page.replace(/^docs/, '').replace(/\.md$/, '').replace(/\/(index|README)$/, '/')

  test('has every page in its menu', () => {
    expect(docs.map(addressOf).filter((address) => address !== '/' && !listed.includes(address))).toEqual([])
  })

  test('has nothing in its menu that is not a page', () => {
    expect(listed.filter((address) => !docs.map(addressOf).includes(address))).toEqual([])
  })
})

describe('in two clicks', () => {
  const asked: [question: string, says: RegExp, page: string, answer: RegExp][] = [
    [
      'how to enqueue from a trigger',
      /trigger/i,
      'docs/triggers.md',
      /create trigger[\s\S]*security definer|security definer[\s\S]*create trigger/,
    ],
    ['why a job waits', /wait|troubleshooting/i, 'docs/operate/troubleshooting.md', /supaqueue\.explain/],
    ['what a 429 does', /429/, 'docs/reference/answers.md', /\| 429 or 503 with `Retry-After`/],
    ['what it costs', /cost/i, 'docs/operate/cost.md', /\$\d/],
    ['how to upgrade', /upgrade/i, 'docs/operate/upgrade.md', /npx supaqueue upgrade/],
    ['how to remove it', /remove/i, 'docs/operate/remove.md', /npx supaqueue remove/],
  ]

  test.each(['README.md', 'docs/README.md'])('a reader of %s finds each of these', (front) => {
    const missed = asked.filter(([, says, page, answer]) => {
      const first = linksIn(front)
      const paths = [
        ...first.map((link) => [link]),
        ...first.flatMap((link) =>
          existsSync(join(root, link.page)) ? linksIn(link.page).map((next) => [link, next]) : []
        ),
      ]
      const found = paths.some((path) => path.at(-1)!.page === page && says.test(path.at(-1)!.text))
      return !found || !answer.test(readPage(page))
    }).map(([question]) => question)

    expect(missed).toEqual([])
  })

  test('a link that says nothing about the question does not count', () => {
    expect(linksIn('docs/README.md', '| you want to leave | [here](operate/remove.md) |')).toEqual([
      { text: ' you want to leave  here', page: 'docs/operate/remove.md', anchor: '' },
    ])
    expect(linksIn('docs/README.md', 'Read [this](operate/remove.md).')[0]!.text).not.toMatch(/remove/i)
  })
})

describe('what must be there', () => {
  const KINDS: Record<string, string[]> = {
    start: ['first-job', 'existing-project', 'choose-how-to-enqueue'],
    recipes: [
      ...['sign-up-mail', 'thumbnail', 'llm-calls', 'nightly-report', 'bulk-import', 'fan-out-and-merge'],
      ...['outgoing-webhooks', 'incoming-webhooks', 'search-index', 'long-work', 'human-approval'],
    ],
    'move-here': [
      ...['database-webhooks', 'pgmq', 'pg-boss', 'graphile-worker', 'from-published-supaqueue', 'taskq', 'fetchq'],
      'pgqueuer',
    ],
    'how-it-works': ['index', 'promises', 'why-nothing-is-lost', 'interleavings', 'model', 'faults', 'measured'],
    operate: ['troubleshooting', 'install', 'upgrade', 'remove', 'alerts', 'console', 'limits', 'cost', 'sizing'],
    reference: [
      ...['settings', 'functions', 'outcomes', 'errors', 'http-api', 'commands', 'calls', 'answers', 'dispatcher'],
    ],
    kit: ['index', 'sending', 'steps', 'long-work', 'elsewhere', 'testing'],
    '.': ['triggers', 'metrics', 'backup', 'compare', 'security', 'contributing', 'faq', 'glossary'],
  }

  test.each(Object.keys(KINDS))('each page of %s', (kind) => {
    const wanted = KINDS[kind]!.map((name) => posix.join('docs', kind, `${name}.md`))
    expect(wanted.filter((page) => !docs.includes(page))).toEqual([])
  })

  test('each page about coming from another queue says what becomes of its words, and how to move', () => {
    const moving = docs.filter((page) => /^docs\/move-here\/(?!README)/.test(page))
    expect(moving.filter((page) => !/^\|.*supaqueue \|$|^\| there \| here \|$|## The functions/m.test(readPage(page))))
      .toEqual([])
    expect(moving.filter((page) => !/\.sql\)|npx supaqueue install/.test(readPage(page)))).toEqual([])
  })

  test('batches are named where their users look', () => {
    for (const page of ['docs/move-here/taskq.md', 'docs/move-here/fetchq.md']) {
      expect(readPage(page)).toContain('../reference/batches.md')
    }
  })

  test('a folder says in a few lines what a contributor needs there', () => {
    // Two have tables that tests read.
    const read = ['functions/core/README.md', 'functions/modules/README.md']
    const long = pages.filter((page) =>
      page.endsWith('/README.md') && !page.startsWith('docs/') && !read.includes(page)
    )
      .filter((page) => readPage(page).split('\n').length > 31)

    expect(long).toEqual([])
  })
})

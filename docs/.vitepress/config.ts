import { defineConfig } from 'vitepress'

// VitePress: Markdown that reads as well on GitHub, links that are checked at the build, search without a service. See contributing.md.

const repository = 'https://github.com/supaqueue/supaqueue'

/** Names that their files do not say. */
const NAMED: Record<string, string> = {
  index: 'Overview',
  'http-api': 'HTTP API',
  'pg-boss': 'pg-boss',
  'graphile-worker': 'graphile-worker',
  taskq: 'taskq',
  fetchq: 'fetchq',
  sql: 'SQL functions',
  requests: 'What a call carries',
  answers: 'What an answer means',
}

export default defineConfig({
  title: 'supaqueue',
  description: 'A job queue inside your Supabase project that calls your edge functions.',
  lang: 'en-US',
  outDir: 'dist',
  cleanUrls: true,
  // Pages link to code as a reader of the repository wants it; the site has no code.
  markdown: { config: (md) => void md.core.ruler.push('code links', linkToRepository) },
  rewrites: { 'README.md': 'index.md', 'move-here/README.md': 'move-here/index.md' },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    socialLinks: [{ icon: 'github', link: repository }],
    nav: [
      { text: 'Start', link: '/start/first-job' },
      { text: 'Recipes', link: '/recipes/' },
      { text: 'How it works', link: '/how-it-works/' },
      { text: 'Operate', link: '/operate/troubleshooting' },
      { text: 'Reference', link: '/reference/' },
    ],
    sidebar: [
      {
        text: 'Start',
        items: [
          ...pages('start', ['first-job', 'existing-project', 'choose-how-to-enqueue']),
          { text: 'From a trigger', link: '/triggers' },
        ],
      },
      {
        text: 'The kit',
        items: pages('kit', ['index', 'sending', 'steps', 'long-work', 'elsewhere', 'testing']),
      },
      {
        text: 'Recipes',
        items: pages('recipes', [
          'index',
          'llm-calls',
          'nightly-report',
          'sign-up-mail',
          'thumbnail',
          'search-index',
          'bulk-import',
          'fan-out-and-merge',
          'outgoing-webhooks',
          'incoming-webhooks',
          'long-work',
          'human-approval',
        ]),
      },
      {
        text: 'Move here',
        items: [
          { text: 'Overview', link: '/move-here/' },
          { text: 'Database Webhooks', link: '/move-here/database-webhooks' },
          { text: 'Supabase Queues (pgmq)', link: '/move-here/pgmq' },
          ...pages('move-here', ['pg-boss', 'graphile-worker', 'taskq', 'fetchq']),
          { text: 'PGQueuer', link: '/move-here/pgqueuer' },
          ...pages('move-here', ['from-published-supaqueue']),
        ],
      },
      {
        text: 'How it works',
        items: pages('how-it-works', [
          ...['index', 'promises', 'why-nothing-is-lost', 'interleavings', 'model', 'faults', 'measured'],
        ]),
      },
      {
        text: 'Operate',
        items: [
          ...pages('operate', ['troubleshooting', 'install', 'upgrade', 'remove', 'work', 'console', 'alerts', 'audit']),
          { text: 'Metrics', link: '/metrics' },
          { text: 'Backup, copies and branches', link: '/backup' },
          ...pages('operate', ['limits', 'cost', 'sizing']),
        ],
      },
      {
        text: 'Reference',
        items: pages('reference', [
          ...['index', 'settings', 'functions', 'outcomes', 'errors', 'commands', 'http-api', 'dispatcher'],
          ...['jobs', 'calls', 'requests', 'answers', 'controls', 'concurrency-and-rates', 'circuits', 'order'],
          ...['batches', 'pulling', 'open-to-users', 'row-hooks', 'subscriptions', 'explain', 'health'],
          ...['pipelines', 'schedules', 'steps', 'failed-jobs', 'sweep', 'rights', 'turn'],
        ]),
      },
      {
        text: 'More',
        items: [
          { text: 'Compared with others', link: '/compare' },
          { text: 'Questions', link: '/faq' },
          { text: 'Security', link: '/security' },
          { text: 'Glossary', link: '/glossary' },
          { text: 'Contributing', link: '/contributing' },
        ],
      },
      {
        text: 'Inside',
        items: pages('internals', ['sql', 'migrations', 'command-line', 'local-stack', 'soak', 'decided']),
      },
    ],
  },
})

function pages(folder: string, names: string[]): { text: string; link: string }[] {
  return names.map((name) => ({
    text: NAMED[name] ?? name.replaceAll('-', ' ').replace(/^\w/, (letter) => letter.toUpperCase()),
    link: `/${folder}/${name === 'index' ? '' : name}`,
  }))
}

type Token = {
  type: string
  children: Token[] | null
  attrGet(name: string): string | null
  attrSet(name: string, value: string): void
}

/** Links that lead out of docs/ lead to the repository. */
function linkToRepository({ tokens, env }: { tokens: Token[]; env: { relativePath?: string } }): void {
  const folder = `docs/${env.relativePath ?? ''}`
  for (const token of tokens.flatMap(({ children }) => children ?? [])) {
    const target = token.type === 'link_open' ? token.attrGet('href') : null
    if (!target || /^([a-z]+:|#|\/)/.test(target)) continue
    const { pathname } = new URL(target, `file:///${folder}`)
    if (!pathname.startsWith('/docs/') || !/(\.md|\/)$/.test(pathname)) {
      token.attrSet('href', `${repository}/blob/main${pathname}`)
    }
  }
}

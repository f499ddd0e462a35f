import { afterAll, beforeAll, expect, test } from 'vitest'
import { furnish } from '../support/extremes.ts'
import { useStage } from './support/stage.ts'

// Every text and every JSON of every table says what no page may do or hide: whatever a page comes to show, it is tried here. Columns
// are those of the catalogue, so that new ones are tried by themselves.

const HOSTILE =
  '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script><a href="javascript:window.pwned=1">x</a>\u202eevil\u200b'
const UNSEEN = /[\u202e\u200b]/

// By these the installation itself is known and done.
const OURS = ['applied_file', 'migration', 'chore', 'setting', 'home', 'named_lock', 'last_sweep']

const stage = useStage()
let written: string[]
const addresses: Record<string, () => string> = {}

beforeAll(async () => {
  const owner = await stage.database.connect('owner')
  const { queue, job } = await furnish(owner)
  const { rows: columns } = await owner.query(
    `select relname as table, attname as column, format_type(atttypid, null) as type
     from pg_attribute join pg_class on pg_class.oid = attrelid
     where relnamespace = 'supaqueue'::regnamespace and relkind = 'r' and attnum > 0 and not attisdropped
       and atttypid in ('text'::regtype, 'jsonb'::regtype) and relname <> all ($1)
     order by relname, attname`,
    [OURS],
  )
  written = []
  for (const { table, column, type } of columns) {
    const value = type === 'jsonb' ? '$1::jsonb' : `$1::text || ' ' || ctid`
    const given = type === 'jsonb' ? JSON.stringify({ [HOSTILE]: HOSTILE }) : HOSTILE
    await owner.query(`update supaqueue.${table} set ${column} = ${value}`, [given]).then(
      () => void written.push(`${table}.${column}`),
      // By a claim it cannot be there.
      () => {},
    )
  }
  await owner.query('select supaqueue.pause(name, null, $1) from supaqueue.queue where id = $2', [HOSTILE, queue])
  const failed = (await owner.query(`select id from supaqueue.job where status = 'failed' limit 1`)).rows[0].id
  const stepped = (await owner.query('select job from supaqueue.step limit 1')).rows[0].job
  const named = (await owner.query('select name from supaqueue.queue where id = $1', [queue])).rows[0].name
  Object.assign(addresses, {
    'a job': () => `/jobs/${job}`,
    'a failed job': () => `/jobs/${failed}`,
    'a job with steps': () => `/jobs/${stepped}`,
    'a queue': () => `/queues/${encodeURIComponent(named)}`,
    'the pipeline of a job': () => `/pipelines/${job}`,
  })
  await owner.end()
})
afterAll(() => expect(written.length).toBeGreaterThan(30))

for (const path of ['/', '/health', '/jobs', '/failures', '/pipelines', '/schedules', '/audit', '/alerts', '/hooks']) {
  addresses[path] = () => path
}
for (const name of ['a queue', 'a job', 'a failed job', 'a job with steps', 'the pipeline of a job']) {
  addresses[name] ??= () => '/'
}

test.each(Object.keys(addresses))('%s runs nothing that stands in it, and hides nothing', async (name) => {
  const page = await stage.open(addresses[name]!())
  await page.getByText('\\u202e').filter({ visible: true }).first().waitFor()

  const found = await page.evaluate(() => ({
    pwned: (globalThis as { pwned?: unknown }).pwned ?? null,
    made: document.querySelectorAll('img[src="x"], a[href^="javascript:"], [onerror]').length,
    scripts: [...document.scripts].filter((script) => script.textContent?.includes('pwned')).length,
    seen: [
      document.title,
      document.body.innerText,
      ...[...document.querySelectorAll('[title],[aria-label],[value]')].flatMap((one) =>
        ['title', 'aria-label'].map((attribute) => one.getAttribute(attribute))
      ),
    ].join('\n'),
  }))

  expect(found).toMatchObject({ pwned: null, made: 0, scripts: 0 })
  expect(found.seen).toContain('\\u202e')
  expect(found.seen).not.toMatch(UNSEEN)
})

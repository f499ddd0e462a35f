import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { test as databaseTest } from '../support/harness.ts'

// One word per thing, and the one that engineers of other queues know: docs/glossary.md. These had other names once.

const root = join(import.meta.dirname, '../..')

/** A word that is not used, and the one that is. */
const RETIRED: [RegExp, string][] = [
  [/\bticks?\b|\bticked\b/i, 'wake-up, wake'],
  [/\bbells?\b|\brung\b/i, 'wake-up, wake'],
  [/\bpulses?\b/i, 'heartbeat'],
  [/\bkeepers?\b/i, 'leader'],
  [/\bforsaken\b/i, 'needs a run'],
  [/\bseats?\b/i, 'worker'],
  [/\blanes\b/i, 'concurrency'],
  [/\bturn(s|ed)? away\b/i, 'defer'],
  [/\bpatien(t|ce)\b/i, 'backoff, wait'],
  [/\bwires?\b/i, 'trigger, connection'],
  [/\bcomplain(s|ed|ts?)?\b/i, 'error, problem'],
  [/\bendure[sd]?\b/i, 'survive'],
  [/\bjudge[sd]?\b/i, 'classify'],
  [/`(pair|answer|tick|pulse)`/, 'the name of the function today'],
  [/\bjudge_target\b|\banswer_once\b|\bexpect_run\b|\bkeep_awake\b|\bis_kept\b/, 'the name of the function today'],
  [/\bcannot be meant\b/, 'is not valid'],
  [/\bmend(s|ed|ing)?\b/i, 'fix'],
]

/** What a native reader stumbles over, where people read it: in pages, messages, help texts, comments of the database and the console. */
const STUMBLES: [RegExp, string][] = [
  [/\bHTTP door\b/i, 'HTTP API'],
  [/\bdie[sd]? of\b/i, 'fail with, the reason'],
  [/\bfar(e|es|ed)\b/i, 'how it is doing, what became of it'],
  [/\bas ever\b/i, 'as usual'],
  [/\bin vain\b|\bin earnest\b/i, 'without effect, really'],
  [/\bof (itself|themselves)\b/i, 'by itself'],
  [/\baloud\b/i, 'clearly'],
  [/\bcrowds?\b/i, 'bursts, many at once'],
  [/\bhangs? together\b/i, 'is related'],
  [/\b[Cc]ounted are\b|\bMoved are\b|\bWritten down are\b/, 'we count, what is counted'],
  [/\bwhich is another\b|\bit lets in\b/i, 'is new, gives access'],
  [/\b(is|be|are|was) ill\b/i, 'broken'],
  [/\bsteer\b/i, 'control'],
  [/\bso soon\b/i, 'within that time'],
  [/\b(is|are) no (use|harm|JWTs?)\b/i, 'not useful, harmless, not a JWT'],
  [/\bforborne\b|\bhence\b|\bthus\b|\bwhence\b|\bthereof\b|\bbeforehand\b/i, 'plain words'],
  [/\bnobody is there\b|\bdid not let us in\b/i, 'what cannot be reached, and why'],
  [/\bso many (a second|at once|calls)\b/i, 'this many, how many'],
  [/\bbrought\b/i, 'returned, reported'],
  // The value of a column is in quotes.
  [/(?<!['"`])\banew\b(?!['"`])/i, 'again, start over'],
  [/\bwhoever\b.*\bwhoever\b/i, 'one of them: who, anyone who'],
  [/\bWho (begins|would|sets|shares|lets)\b/, 'Whoever, a person who'],
  [
    /\bcolour|\bneighbour|\brecognis|\bbehaviour|\bfavour|\bwhilst\b|\bgrey\b|\borganis|\bcentre\b|\bcanceled\b(?!['`,])/i,
    'American spelling',
  ],
]

/** What nothing in code is called: these said several things. In a sentence they are words as any other. */
const RETIRED_NAMES: [RegExp, string][] = [
  [/\b(said|Said|SAID)\b/, 'what it is: decision, report, reply, summary'],
  [/\b([A-Z]+_)?CASES\b/, 'outcomes, rules'],
  [/\b(type|interface) (World|Outside|Ground|Harness)\b/, 'Deps'],
]

/** What misled whoever read the tree: parts of names, in files of code and in the names of files. What was released keeps them. */
const MISLEADING: [RegExp, string][] = [
  [/\breplaceable\b/i, 'extension_points'],
  [/\blodgers?\b/i, 'what users put upon our tables: additions'],
  [/\bmay_fall_asleep\b/, 'run_may_have_lock'],
  [/\bhold_call\b/, 'lock_call'],
  [/\bfire_closed\b/, 'fire_deferred_as_owner'],
  [/\bat_home\b/, 'is_own_project'],
  [/\bhas_waited\b/, 'lock_timed_out'],
  [/\bkeep_keys\b/, 'check_keys'],
  [/supaqueue\.walking\b/, 'supaqueue.internal_write'],
]

/** What others call so: `file:line: word`, or the beginning of it. */
const OF_OTHERS = ['bench/cpu.ts']

const filesOf = (...folders: string[]) =>
  execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard', ...folders], { cwd: root, encoding: 'utf8' })
    .split('\0').filter((file) => /\.(sql|tsx?|md|json|html|toml)$/.test(file) && file !== 'docs/glossary.md')

const ours = filesOf('README.md', 'SECURITY.md', 'docs', 'functions', 'migrations', 'supabase', 'scripts', 'console')
/** What a contributor reads besides. */
const tests = filesOf('test', 'bench').filter((file) =>
  /\.(sql|tsx?|md)$/.test(file) && file !== 'test/house/words.test.ts'
)

/** What people read of a file: all of a page, the texts within code. */
function shownIn(file: string): string {
  const text = readFileSync(join(root, file), 'utf8')
  if (/\.(md|html)$/.test(file)) return text
  const code = file.endsWith('.sql') ? /'(?:[^']|'')*'/g : /'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g
  const blank = (line: string) =>
    line.replace(file.endsWith('.sql') ? /^[ \t]*--.*$/gm : /^[ \t]*(\/\/|\/?\*).*$/gm, '')
  // Lines stay where they are, so that a use is found by its number.
  const texts = new Map<number, string>()
  for (const { 0: found, index } of blank(text).matchAll(code)) {
    const first = blank(text).slice(0, index).split('\n').length - 1
    found.split('\n').forEach((part, n) => texts.set(first + n, `${texts.get(first + n) ?? ''} ${part}`))
  }
  return text.split('\n').map((_, at) => texts.get(at) ?? '').join('\n')
}

/** The words that names are made of, where the names stand: `tickCheck` is one of `tick`. */
const wordsOf = (code: string) => code.replace(/_+/g, ' ').replace(/([a-z\d])([A-Z])|([A-Z])(?=[A-Z][a-z])/g, '$1$3 $2')

/** Code without comments and texts; of a text in backticks what is put into it stays. */
function namesIn(file: string): string {
  const blank = (text: string) => text.replace(/[^\n]/g, ' ')
  const text = readFileSync(join(root, file), 'utf8')
  return file.endsWith('.sql') ? text.replace(/--.*$|'(?:[^']|'')*'/gm, blank) : text.replace(
    /\/\/.*$|\/\*[^]*?\*\/|'(?:[^'\\\n]|\\.)*'|(`)(?:[^`\\]|\\.)*`/gm,
    (found, template) => template ? found.replace(/(^`|\})[^`$]*?(\$\{|`$)/g, blank) : blank(found),
  )
}

/** Each use of a retired word in a text, as `line: word (what it is called)`. */
function retiredIn(text: string, words = RETIRED): string[] {
  return text.split('\n').flatMap((line, at) =>
    words.flatMap(([word, instead]) => {
      const found = word.exec(line)
      return found ? [`${at + 1}: ${found[0]} (${instead})`] : []
    })
  )
}

test('a retired word would be found', () => {
  expect(retiredIn('fine\na Tick is lost')).toEqual(['2: Tick (wake-up, wake)'])
  expect(retiredIn('const CASES = said', RETIRED_NAMES)).toHaveLength(2)
})

test('files were found', () => expect(ours.length).toBeGreaterThan(500))

test('no retired word is left in code, messages and docs', () => {
  const found = [...ours, ...tests].flatMap((file) =>
    retiredIn(readFileSync(join(root, file), 'utf8')).map((use) => `${file}:${use}`)
  )
  expect(found).toEqual([])
})

test('nothing in code has a retired name', () => {
  const found = ours.filter((file) => /\.(sql|tsx?)$/.test(file)).flatMap((
    file,
  ) => retiredIn(namesIn(file), RETIRED_NAMES).map((use) => `${file}:${use}`))
  expect(found).toEqual([])
})

test('nothing is called by a name that misled', () => {
  const found = [...ours, ...tests].filter((file) => !file.startsWith('migrations/')).flatMap((file) =>
    retiredIn(`${file}\n${readFileSync(join(root, file), 'utf8')}`, MISLEADING).map((use) => `${file}:${use}`)
  )
  expect(found).toEqual([])
})

test('a retired word within a name would be found', () => {
  const names = ['tickCheck', 'mend_jobs', 'on_pulse_kept', 'HTTPBell']

  expect(names.filter((name) => retiredIn(wordsOf(name)).length === 0)).toEqual([])
})

test('nor is a retired word part of a name', () => {
  const found = [...ours, ...tests]
    .filter((file) => /\.(sql|tsx?)$/.test(file) && !file.startsWith('migrations/'))
    .flatMap((file) => retiredIn(wordsOf(namesIn(file))).map((use) => `${file}:${use}`))
    .filter((use) => !OF_OTHERS.some((name) => use.startsWith(name)))
  expect(found).toEqual([])
})

test('nothing that people read has words that a native reader stumbles over', () => {
  const found = ours.filter((file) => !/^(migrations|scripts\/(soak|dev|suite))\//.test(file)).flatMap((
    file,
  ) => retiredIn(shownIn(file), STUMBLES).map((use) => `${file}:${use}`))
  expect(found).toEqual([])
})

test('nor have the comments that editors show of the kit', () => {
  const found = filesOf('supabase/functions/_shared').filter((file) => file.endsWith('.ts')).flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8')
    return [...text.matchAll(/\/\*\*[^]*?\*\//g)].flatMap(({ 0: comment }) =>
      retiredIn(comment, STUMBLES).map((use) => `${file}: ${use}`)
    )
  })
  expect(found).toEqual([])
})

databaseTest('nor have the comments of the database', async ({ harness }) => {
  const { rows } = await harness.db.query<{ place: string; comment: string }>(`
    select coalesce(pg_identify_object(classoid, objoid, objsubid)::text, '') as place, description as comment
    from pg_description
    where (pg_identify_object(classoid, objoid, objsubid)).schema in ('supaqueue', 'supaqueue_internal')
      or (pg_identify_object(classoid, objoid, objsubid)).identity ~ '^public\\.(supaqueue_|end_current_job)'`)

  expect(rows.length).toBeGreaterThan(300)
  expect(
    rows.flatMap(({ place, comment }) => retiredIn(comment, [...RETIRED, ...STUMBLES]).map((use) => `${place} ${use}`)),
  )
    .toEqual([])
})

databaseTest('every column of every table and type says what it holds', async ({ harness }) => {
  const { rows } = await harness.db.query<{ place: string; comment: string | null }>(
    `select format('%s.%s', relname, attname) as place, col_description(attrelid, attnum) as comment
    from pg_attribute join pg_class on pg_class.oid = attrelid
    where relnamespace = 'supaqueue'::regnamespace and relkind in ('r', 'c') and attnum > 0 and not attisdropped`,
  )

  expect(rows.length).toBeGreaterThan(400)
  expect(rows.filter(({ comment }) => !comment).map(({ place }) => place)).toEqual([])
})

import { spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import { dated, sectionOf } from './changelog.ts'
import { type Packed, unfit } from './packed.ts'

interface Release {
  /** The root of the repository. */
  folder: string
  dryRun: boolean
  /** The day that a section of the changelog without a date gets, as 2026-02-28. */
  today: string
  say(line: string): void
}

/** What is not in order is said with what fixes it. */
const refuse = (message: string, hint: string) => new SupaqueueError('SQ409', message, hint)

/**
 * Tags the commit that is checked out as the release of package.json's version, when all is in order. Where the changelog does not
 * say when that is, a commit before says so. It pushes nothing.
 */
export async function release({ folder, dryRun, today, say }: Release): Promise<void> {
  const git = (...args: string[]) => run(folder, 'git', args)
  const readJson = async (path: string) => JSON.parse(await readFile(join(folder, path), 'utf8'))

  const branch = (await git('branch', '--show-current')).trim()
  if (branch !== 'main') {
    throw refuse(`a release is made of main, and this is ${branch || 'no branch'}`, 'git switch main')
  }
  const changed = await git('status', '--porcelain')
  if (changed) {
    throw refuse(`there are changes that are not committed:\n${changed.trimEnd()}`, 'Commit them, or undo them.')
  }
  say('main is checked out, and all is committed')

  const { version } = await readJson('package.json')
  const jsr = await readJson('supabase/functions/_shared/supaqueue/jsr.json')
  if (jsr.version !== version) {
    throw refuse(`package.json is version ${version}, and jsr.json is ${jsr.version}`, 'Give both the same version.')
  }
  const tag = `v${version}`
  if (await git('tag', '--list', tag)) {
    throw refuse(`the tag ${tag} exists already`, 'Raise the version in package.json and jsr.json.')
  }
  const changelog = await readFile(join(folder, 'CHANGELOG.md'), 'utf8')
  const withDate = dated(changelog, version, today)
  const notes = sectionOf(withDate, version)
  const isDated = withDate === changelog
  say(`CHANGELOG.md has a section of ${version}${isDated ? ', with a date' : `; its date will be ${today}`}`)

  // A migration that was released is in databases of others: it cannot be changed any more.
  const [last] = (await git('tag', '--list', 'v*', '--merged', 'HEAD', '--sort=-version:refname')).split('\n')
  if (last) {
    const differing =
      (await git('diff', '--no-renames', '--name-only', '--diff-filter=a', last, 'HEAD', '--', 'migrations/*.sql'))
        .trim()
    if (differing) {
      throw refuse(
        `migrations of ${last} are no longer what they were:\n${differing}`,
        `Restore them (git checkout ${last} -- migrations), and write what is to change as a new migration.`,
      )
    }
    say(`the migrations of ${last} are unchanged`)
  } else {
    say('no release came before: no migration to compare')
  }

  const packing = ['pack', '--dry-run', '--json', '--foreground-scripts=false']
  const [packed]: [Packed] = JSON.parse(await run(folder, 'npm', packing))
  const problems = unfit(packed, version)
  if (problems.length > 0) {
    throw refuse(
      `the package is not as it should be:\n${problems.join('\n')}`,
      'See `files` in package.json, and scripts/build.',
    )
  }
  say(`the package has ${packed.files.length} files, ${packed.unpackedSize} bytes unpacked`)

  if (dryRun) {
    say(`would ${isDated ? '' : 'commit the date, and '}make the tag ${tag}; nothing was changed`)
    return
  }
  if (!isDated) {
    await writeFile(join(folder, 'CHANGELOG.md'), withDate)
    await git('commit', '--quiet', '--message', `Release ${version}`, '--', 'CHANGELOG.md')
    say(`committed the date: Release ${version}`)
  }
  // Verbatim, since the headings of the changelog look like comments to git.
  await run(
    folder,
    'git',
    ['tag', '--annotate', tag, '--cleanup=verbatim', '--file=-'],
    `supaqueue ${version}\n\n${notes}\n`,
  )
  say(`made the tag ${tag}; nothing was pushed. To publish it: git push origin ${isDated ? '' : 'main '}${tag}`)
}

/** What a program prints. Throws what it printed as an error. */
function run(cwd: string, program: string, args: string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, shell: process.platform === 'win32' && program === 'npm' })
    let [printed, problem] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text) => printed += text)
    child.stderr.setEncoding('utf8').on('data', (text) => problem += text)
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) return resolve(printed)
      reject(refuse(`${program} ${args[0]} failed: ${(problem || printed).trim()}`, 'Fix what it names.'))
    })
    // A program that ends early reads no input; its exit code says why.
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })
}

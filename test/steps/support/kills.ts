import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { expect, inject } from 'vitest'
import { openScene, until } from '../../faults/support/scene.ts'
import { openBook } from './book.ts'
import { everyMoment, expectOnce, goOn, stepsOver } from './deaths.ts'
import { brings } from './fulfil.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/**
 * Plays the function with steps in a process of its own, on a whole stack, and ends that process by SIGKILL at every moment: at the
 * edge, where the dispatcher calls it, or in a consumer under Node. Returns how often it killed. `at` says at which moments, and
 * `asked` how often an effect is then asked for at most.
 */
export async function killEverywhere(
  home: 'edge' | 'consumer',
  part: number,
  { at = /./, asked = 3 }: { at?: RegExp; asked?: number } = {},
): Promise<number> {
  // Behind each step once when it has just run and once when it is remembered. Within a process (deaths.ts) all of them are played.
  const isNew = everyMoment(2)
  let kills = 0
  let killing: Promise<void> | undefined
  const never = new Promise<void>(() => {})
  let over = false
  let job = 0
  const book = await openBook(async (moment) => {
    // Of what was under way beside it, nothing goes on.
    if (killing) return await never
    if (over || !at.test(moment)) return
    if (!isNew(await stepsOver(scene.db, job), moment)) return
    // It may be over meanwhile.
    if (killing || over) return await never
    kills++
    killing = kill().finally(() => killing = undefined)
    await never
  })
  const scene = await openScene({ functions: [here('functions')], environment: { BOOK_URL: book.url } })
  const name = `mortal ${home}`
  const settings = { name, workers: 1, max_attempts: 10_000, retry_base_ms: 1, retry_max_ms: 1 }
  const queue = await scene.queue(
    home === 'edge' ? { ...settings, edge_function_name: 'mortal' } : { ...settings, mode: 'pull' },
  )
  const consumers = new Set<ReturnType<typeof consumer>>()
  const program = join(inject('scratch'), 'consumer.mjs')
  if (home === 'consumer') await bundle(here('consumer.ts'), program)

  function consumer() {
    const child = spawn(process.execPath, [program], {
      env: {
        PATH: process.env.PATH,
        BOOK_URL: book.url,
        QUEUE: name,
        SUPABASE_URL: scene.stack.apiUrl,
        SUPABASE_SECRET_KEY: scene.stack.keys.secret,
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    consumers.add(child)
    child.once('exit', () => consumers.delete(child))
    return child
  }

  async function kill(): Promise<void> {
    if (home === 'edge') return await scene.stack.edge.killFunction('mortal')
    for (const child of consumers) {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    }
    // Nobody reports: its lease runs out, as it would after a minute.
    await scene.harness.age('current_job', queue)
    await scene.sweep()
    if (!over) consumer()
  }

  try {
    job = await scene.job(queue, { part })
    if (home === 'consumer') consumer()
    await until(async () => {
      const { status, run_at } = await scene.harness.jobRow(job)
      if (status === 'pending' && run_at > Date.now() + 3_600_000) {
        await goOn(scene.db, job)
        await scene.db.query(
          `update supaqueue.job set run_at = clock_timestamp() where id = $1 and status = 'pending'`,
          [job],
        )
      }
      return status === 'success' || status === 'failed'
    }, Infinity)

    expect(await scene.harness.jobRow(job)).toMatchObject({ status: 'success', error: null, result: brings(part) })
    expectOnce(book, part, asked)
    return kills
  } finally {
    over = true
    await killing
    const left = [...consumers]
    left.forEach((child) => child.kill('SIGKILL'))
    await Promise.all(left.map((child) => child.exitCode === null && child.signalCode === null && once(child, 'exit')))
    await scene.close()
    await book.close()
  }
}

/** In one file: to compile what is imported would take each of the many processes most of its time. */
const bundle = (entry: string, outfile: string) =>
  build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    // For packages that are CommonJS.
    banner: { js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)` },
  })

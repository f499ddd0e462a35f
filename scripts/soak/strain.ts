import { setTimeout as pause } from 'node:timers/promises'
import { causeFaults } from './faults.ts'
import { type Load, startLoad } from './load.ts'
import { type MemoryWatch, watchMemory } from './memory.ts'
import { order, roles } from './queues.ts'
import { makeRandom } from './random.ts'
import type { Scene, SoakPlan } from './scene.ts'

/** What the time under load has left behind. */
export type Strain = { load: Load; loadedForMs: number; faults: Record<string, number>; memory: MemoryWatch }

const progressEveryMs = 5000

/** Lets clients work and parts break until the time is over; everything is whole again then, and the clients gone. */
export async function strain({ stack, recorder, cron, queues }: Scene, plan: SoakPlan): Promise<Strain> {
  const { ms, seed, say } = plan
  const begun = Date.now()
  const over = new AbortController()
  const ending = over.signal
  const timer = setTimeout(() => over.abort(), ms)
  plan.signal.addEventListener('abort', () => over.abort(), { once: true })
  const memory = watchMemory()
  const faults: Record<string, number> = {}
  const load = startLoad({
    databaseUrl: stack.databaseUrl,
    functionsUrl: `${stack.apiUrl}/functions/v1`,
    recorder,
    queues,
    seed,
    roles,
    order,
    fullAt: 300,
  })
  const tell = (news = '') => {
    const { committed, undone } = load.book.counts()
    const seen = recorder.visits.jobs()
    say(`${clock(Date.now() - begun)}  in ${committed}  seen ${seen}  rolled back ${undone}  ${news}`.trimEnd())
  }
  const watch = async () => {
    for (let look = 0; !ending.aborted; look++) {
      await memory.look()
      if (look % 5 === 0) tell()
      await pause(progressEveryMs / 5, undefined, { signal: ending }).catch(() => {})
    }
  }
  const onFault = (name: string) => {
    faults[name] = (faults[name] ?? 0) + 1
    tell(name)
  }

  try {
    const restMs = Math.min(5000, ms / 8)
    await Promise.all([
      watch(),
      causeFaults({ stack, cron, random: makeRandom(seed), restMs, signal: ending, onFault }),
    ])
  } finally {
    clearTimeout(timer)
    await load.stop()
  }
  tell('the load has ended, the rest is settling')
  return { load, loadedForMs: Date.now() - begun, faults, memory }
}

function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

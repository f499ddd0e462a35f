import { setTimeout as pause } from 'node:timers/promises'
import type { Intercept } from '../dev/standins/net/worker.ts'
import type { Stack } from '../dev/stack.ts'
import type { Random } from './random.ts'
import type { Cron } from './scene.ts'

export type Deps = {
  stack: Stack
  /** The stand-in for pg_cron, which a fault may stop. */
  cron: Cron
  random: Random
  /** Between two faults, in milliseconds. */
  restMs: number
  signal: AbortSignal
  onFault: (name: string) => void
}

type Lasting = (firstMs: number, lastMs: number) => Promise<void>

/** What breaks, each for a while, and is whole again at its end. */
export const faults = {
  async 'wake-ups dropped, doubled and delayed'({ stack: { net }, random }: Deps, lasting: Lasting) {
    net!.setIntercept(wakeUpFaults(random, { drop: 0.4, double: 0.3, delay: 0.1 }))
    await lasting(2000, 8000)
    net!.setIntercept(() => 'send')
  },
  'dispatcher killed': ({ stack }: Deps) => stack.edge.killFunction('supaqueue'),
  'function killed': ({ stack }: Deps) => stack.edge.killFunction('recorded'),
  'pg_net killed': ({ stack }: Deps) => stack.net!.kill(),
  async 'REST down'({ stack: { rest }, random }: Deps, lasting: Lasting) {
    rest.faults.refuse = random.pick(['reset', 'unavailable'])
    await lasting(300, 3000)
    rest.faults.refuse = undefined
  },
  async 'REST slow'({ stack: { rest }, random }: Deps, lasting: Lasting) {
    rest.faults.delayMs = random.between(100, 1500)
    await lasting(1000, 4000)
    rest.faults.delayMs = 0
  },
  async 'REST losing answers'({ stack: { rest } }: Deps, lasting: Lasting) {
    rest.faults.loseAnswers = true
    await lasting(200, 1500)
    rest.faults.loseAnswers = false
  },
  'PostgreSQL restarted': (deps: Deps, lasting: Lasting) => restart(deps, 'fast', lasting),
  'PostgreSQL crashed': (deps: Deps, lasting: Lasting) => restart(deps, 'immediate', lasting),
  async 'cron stopped'({ cron }: Deps, lasting: Lasting) {
    await cron.stop()
    await lasting(2000, 15_000)
    await cron.start()
  },
}

type FaultName = keyof typeof faults

/** Breaks one thing after the other, two at a time, until the signal comes; everything is whole again then. */
export async function causeFaults(deps: Deps): Promise<void> {
  const { random, signal, restMs, onFault } = deps
  const underWay = new Set<FaultName>()
  let deck: FaultName[] = []
  const lasting: Lasting = (firstMs, lastMs) => rest(random.between(firstMs, lastMs), signal)

  // Every one has had its turn before the first comes again; what cannot be broken twice at once waits.
  const draw = (): FaultName => {
    if (deck.length === 0) deck = random.shuffle(Object.keys(faults) as FaultName[])
    const next = deck.findIndex((name) => ![...underWay].some((other) => group(other) === group(name)))
    return deck.splice(Math.max(0, next), 1)[0]!
  }

  async function causeSome() {
    while (true) {
      await rest(random.between(restMs / 2, restMs * 1.5), signal)
      if (signal.aborted) return
      const name = draw()
      underWay.add(name)
      onFault(name)
      await faults[name](deps, lasting)
      underWay.delete(name)
    }
  }
  await Promise.all([causeSome(), causeSome()])
}

/** For `setIntercept`: wake-ups are lost, doubled or late with these probabilities. */
export const wakeUpFaults =
  (random: Random, probability: { drop: number; double: number; delay: number }): Intercept => () =>
    random.chance(probability.drop)
      ? 'drop'
      : random.chance(probability.double)
      ? 'double'
      : random.chance(probability.delay)
      ? { delayMs: random.between(100, 1500) }
      : 'send'

const group = (name: FaultName) => name.startsWith('PostgreSQL') ? 'PostgreSQL' : name

async function restart({ stack: { postgres } }: Deps, mode: 'fast' | 'immediate', lasting: Lasting) {
  await postgres!.stop(mode)
  await lasting(0, 1500)
  await postgres!.start()
}

const rest = (ms: number, signal: AbortSignal): Promise<void> => pause(ms, undefined, { signal }).catch(() => {})

import type { Job } from '../../../supabase/functions/_shared/supaqueue/mod.ts'

// What dies in the tests of steps: in this process, at the edge under Deno, and in a consumer under Node. It imports nothing.

/** A moment at which a call may die: before or after a request of the kit's to the database, or where the function says. */
export type Moment = string

/** What the function reaches outside: a moment that passes, or not; and a service that knows idempotency keys. */
export type Outside = {
  at: (moment: Moment) => Promise<void>
  effect: (key: string, what: number) => number | Promise<number>
}

/** How many items its map has, and from where their effects are counted. */
export const itemsOf = (part: number): number => 2 + part
export const ITEM = 1000

/**
 * Five parts of `part` steps each; between them two sleeps, a signal, and a map of which two items are under way at once. Each
 * effect may be followed, or preceded, by a death.
 */
export const fulfil = (part: number, { at, effect }: Outside) => async (_: unknown, job: Job): Promise<number[]> => {
  const brought: number[] = []
  const deed = (what: number) => async ({ idempotencyKey }: { idempotencyKey: string }) => {
    await at(`before effect ${what}`)
    const done = await effect(idempotencyKey, what)
    await at(`after effect ${what}`)
    return done
  }
  for (let n = 1; n <= 5 * part; n++) {
    brought.push(await job.step(`step ${n}`, deed(n)))
    await at(`behind step ${n}`)
    if (n === part) await job.sleep('first', '3 days')
    if (n === 2 * part) brought.push(await job.waitFor<number>('approval', { timeout: '7 days' }) ?? -1)
    if (n === 3 * part) await job.sleep('second', new Date(Date.now() + 86_400_000))
    if (n === 4 * part) {
      const items = Array.from({ length: itemsOf(part) }, (_, index) => ITEM + index)
      brought.push(...await job.map('pages', items, (item, context) => deed(item)(context), { atOnce: 2 }))
      await at('behind the map')
    }
  }
  return brought
}

/** What it brings, whatever died. */
export const brings = (part: number): number[] => [
  ...Array.from({ length: 2 * part }, (_, n) => n + 1),
  42,
  ...Array.from({ length: 2 * part }, (_, n) => n + 2 * part + 1),
  ...Array.from({ length: itemsOf(part) }, (_, n) => n + ITEM),
  ...Array.from({ length: part }, (_, n) => n + 4 * part + 1),
]

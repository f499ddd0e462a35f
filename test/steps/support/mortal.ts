import type { Deps } from '../../../supabase/functions/_shared/supaqueue/mod.ts'
import type { Outside } from './fulfil.ts'

/** Any payload. */
export const Anything = {
  '~standard': { version: 1 as const, vendor: 'test', validate: (value: unknown) => ({ value }) },
}

/**
 * For a process that is to be killed from outside: it tells of each moment and waits for leave to go on, also before and after each
 * request of the kit's to the database, and has its effects at a server that notes their keys.
 */
export function mortal(book: string): { outside: Outside; deps: Partial<Deps> } {
  const tell = async (path: string, said: unknown) => {
    const answer = await fetch(`${book}/${path}`, { method: 'POST', body: JSON.stringify(said) })
    return await answer.json()
  }
  const at = async (moment: string) => void await tell('at', moment)
  return {
    outside: { at, effect: (key, what) => tell('effect', { key, what }) },
    deps: {
      async fetch(url, init) {
        const name = String(url).split('/').at(-1)!
        if (!/^(load_steps|note_steps|suspend|finish)$/.test(name)) return await fetch(url, init)
        await at(`before ${name}`)
        const response = await fetch(url, init)
        await at(`after ${name}`)
        return response
      },
    },
  }
}

import type { Fate, Intercept } from '../standins/net/worker.ts'

// As the database of `supabase start` reaches the gateway of its project.
const GATEWAYS = /^(api\.supabase\.internal|kong|supabase_kong_[\w-]+):8000$|^host\.docker\.internal:54321$/
const HOSTED = /(^|\.)supabase\.(co|in|net)$/

/**
 * Where the requests of a project's database go: what means the gateway of the local stack comes to ours, and the machine around
 * its containers is this one. A hosted project is not called: its URL stands in many a migration, and what is tried out here must
 * not happen there.
 */
export function projectHosts(apiUrl: string, log: (line: string) => void): Intercept {
  const told = new Set<string>()
  return ({ url: text }): Fate => {
    if (!URL.canParse(text)) return 'send'
    const url = new URL(text)
    if (HOSTED.test(url.hostname)) {
      if (!told.has(url.hostname)) log(`pg_net: ${url.hostname} is a hosted project, and is not called from here`)
      told.add(url.hostname)
      return { refusal: `Not called: ${url.hostname} is a hosted project, and this one runs on this machine` }
    }
    if (GATEWAYS.test(url.host)) return { url: `${apiUrl}${url.pathname}${url.search}` }
    if (url.hostname !== 'host.docker.internal') return 'send'
    url.hostname = '127.0.0.1'
    return { url: url.href }
  }
}

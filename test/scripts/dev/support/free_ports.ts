import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * A port that is free, and whose successor is. Below those that the system gives to whoever connects: in a suite that is
 * under way these are taken by the thousand, also for a minute after their connection is closed.
 */
export async function freePorts(): Promise<number> {
  const port = 20_000 + Math.floor(Math.random() * 12_000)
  const free = await Promise.all([port, port + 1].map(async (wanted) => {
    const server = createServer().listen(wanted, '127.0.0.1')
    const listening = await once(server, 'listening').then(() => true, () => false)
    server.close()
    return listening
  }))
  return free.every(Boolean) ? port : await freePorts()
}

import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SupaqueueError } from '../../supabase/functions/_shared/supaqueue/errors.ts'

/**
 * Has a server listen, and returns its address. `hint` says what to do where that cannot be.
 *
 * @throws SupaqueueError SQ409
 */
export async function listen(
  server: Server,
  { port, host }: { port: number; host: string },
  hint: string,
): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (reason: NodeJS.ErrnoException) =>
      reject(
        new SupaqueueError(
          'SQ409',
          `nothing can listen at ${host}:${port}: ${
            reason.code === 'EADDRINUSE' ? 'somebody does already' : reason.message
          }`,
          hint,
        ),
      ))
    server.listen(port, host, resolve)
  })
  const { address, port: taken } = server.address() as AddressInfo
  return `http://${address.includes(':') ? `[${address}]` : address}:${taken}`
}

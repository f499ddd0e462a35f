import type { Server } from 'node:http'
import { SupaqueueError } from '../../supabase/functions/_shared/supaqueue/errors.ts'

/**
 * Has a server listen. `hint` says what to do where that cannot be.
 *
 * @throws SupaqueueError SQ409
 */
export async function listen(
  server: Server,
  { port, host }: { port: number; host: string },
  hint: string,
): Promise<void> {
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
}

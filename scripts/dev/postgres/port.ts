import { createServer } from 'node:net'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'

/** A port of 127.0.0.1 that nobody listened on a moment ago. */
export const freePort = (): Promise<number> => listenBriefly(0)

/** Fails with `PortTaken` if somebody listens on this port of 127.0.0.1. */
export async function expectFree(port: number): Promise<void> {
  try {
    await listenBriefly(port)
  } catch (reason) {
    if ((reason as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw reason
    throw new PortTaken(port)
  }
}

/** The error of a port that somebody else listens on. */
export class PortTaken extends SupaqueueError {
  constructor(port: number) {
    super(
      'SQ409',
      `Port ${port} of 127.0.0.1 is taken, so PostgreSQL cannot listen on it.`,
      'Stop the program that listens there, or choose another port.',
    )
  }
}

function listenBriefly(wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(wanted, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

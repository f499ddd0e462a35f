import { createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { makeVisits, type Visit, type Visits } from './visits.ts'

/** Where a stack finds the function `recorded`. */
export const recordedFunctions = join(import.meta.dirname, 'functions')

export type Recorder = {
  /** To be given to a stack. */
  environment: Record<string, string>
  visits: Visits
  /**
   * Makes a change to what is recorded at the right moment: after all that happened in the function before now, and
   * before all that happens there later. `functionsUrl` is the stack's.
   */
  mark(functionsUrl: string, change: () => void): Promise<void>
  close(): Promise<void>
}

/** Listens to the function `recorded` of a stack. What a process of it has told is kept even when that is killed. */
export async function startRecorder(): Promise<Recorder> {
  const visits = makeVisits()
  const marks = new Map<string, () => void>()
  const sockets = new Set<Socket>()
  let serial = 0

  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
    listen(socket)
  })

  function listen(socket: Socket) {
    const inside = new Map<string, Visit>()
    const calls = new Map<string, number>()
    const hear: Record<string, (words: string[]) => void> = {
      // A visit per job; those of one call name it.
      in([id = '', at, key = '', attempt, call]) {
        if (call && !calls.has(call)) calls.set(call, serial++)
        // The key is `<queue>-<job>`, and the queue's id is a uuid of 36 characters.
        const visit = {
          queue: key.slice(0, 36),
          job: Number(key.slice(37)),
          attempt: Number(attempt),
          cameAt: Number(at),
          ...call && { call: calls.get(call)! },
        }
        inside.set(id, visit)
        visits.enter(visit)
      },
      out([id = '', at, answer]) {
        visits.leave(inside.get(id)!, Number(at), Number(answer))
        inside.delete(id)
      },
      mark([id = '']) {
        marks.get(id)?.()
        marks.delete(id)
      },
    }
    createInterface({ input: socket })
      .on('line', (line) => {
        const [word = '', ...words] = line.split(' ')
        hear[word]?.(words)
      })
      .once('close', () => inside.forEach(visits.cutOff))
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    environment: { RECORDER_PORT: `${(server.address() as AddressInfo).port}` },
    visits,
    async mark(functionsUrl, change) {
      const id = `${serial++}`
      marks.set(id, change)
      // The answer comes after the mark is on its way, which is all that is needed.
      await fetch(`${functionsUrl}/recorded?mark=${id}`)
    },
    async close() {
      sockets.forEach((socket) => socket.destroy())
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

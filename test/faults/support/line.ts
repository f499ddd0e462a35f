import { connect, createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'

/** A connection that a test can cut, listen on, and talk into. */
export type Line = {
  /** To be given to the caller in place of the real address. */
  url: string
  /** Connects its other end; until then, and while it is cut, connections are refused. */
  leadTo(url: string): Promise<void>
  cut(): Promise<void>
  fix(): Promise<void>
  /** While it is silent, connections stay, and nothing goes over them either way: it is lost. */
  silence(whether: boolean): void
  /** Everything that went over it, either way: a text for each connection, a letter for each byte. */
  heard(): string[]
  /** Answers in place of the other end when what the caller sends contains `text`; undefined ends that. */
  interrupt(text: string | undefined, answer?: string): void
  /** Does `act` each time the other end answers with `text`, before the caller hears any more of it; undefined ends that. */
  beforeAnswer(text: string | undefined, act?: () => void): void
  close(): Promise<void>
}

export async function startLine(): Promise<Line> {
  const tapes: { text: string }[] = []
  const sockets = new Set<Socket>()
  let silent = false
  let target: { host: string; port: number } | undefined
  let interruption: { text: string; answer: string } | undefined
  let watch: { text: string; act: () => void } | undefined

  const server = createServer((near) => {
    if (!target) return near.destroy()
    const far = connect(target)
    const tape = { text: '' }
    tapes.push(tape)
    near.on('data', (chunk) => {
      if (silent) return
      tape.text += chunk.toString('latin1')
      if (interruption && chunk.toString('latin1').includes(interruption.text)) near.end(interruption.answer)
      else far.write(chunk)
    })
    far.on('data', (chunk) => {
      if (silent) return
      const said = chunk.toString('latin1')
      // The text may come in two pieces.
      const from = tape.text.length - (watch?.text.length ?? 0)
      tape.text += said
      if (watch && tape.text.slice(Math.max(from, 0)).includes(watch.text)) watch.act()
      near.write(chunk)
    })
    for (const [one, other] of [[near, far], [far, near]] as const) {
      sockets.add(one)
      one.setNoDelay()
      one.on('error', () => {})
      one.on('end', () => other.end())
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
    }
  })

  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject)
        resolve()
      })
    })
  const cut = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      sockets.forEach((socket) => socket.destroy())
    })

  await listen(0)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    leadTo(url) {
      const { hostname, port } = new URL(url)
      target = { host: hostname, port: Number(port) }
      return Promise.resolve()
    },
    cut,
    fix: () => listen(port),
    silence: (whether) => void (silent = whether),
    heard: () => tapes.map(({ text }) => text),
    interrupt(text, answer = '') {
      interruption = text === undefined ? undefined : { text, answer }
    },
    beforeAnswer(text, act = () => {}) {
      watch = text === undefined ? undefined : { text, act }
    },
    close: () => server.listening ? cut() : Promise.resolve(),
  }
}

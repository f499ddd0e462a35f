type Frame = [
  joinRef: string | null,
  ref: string | null,
  topic: string,
  event: string,
  payload: Record<string, unknown>,
]

/** In place of a WebSocket to Realtime: lets supabase-js join what it wants, and says what the test wants. */
export function makeRealtime() {
  const heard: { topic: string; event: string; payload: Record<string, unknown> }[] = []
  let socket: FakeSocket | undefined
  let refusing = false

  class FakeSocket {
    binaryType = ''
    readyState = 0
    onopen = () => {}
    onclose = (_: unknown) => {}
    onerror = (_: unknown) => {}
    onmessage = (_: { data: string }) => {}

    constructor() {
      socket = this
      queueMicrotask(() => {
        this.readyState = 1
        this.onopen()
      })
    }

    send(data: string): void {
      const [joinRef, ref, topic, event, payload] = JSON.parse(data) as Frame
      heard.push({ topic, event, payload })
      const reply = { status: refusing && event === 'phx_join' ? 'error' : 'ok', response: {} }
      queueMicrotask(() => this.say([joinRef, ref, topic, 'phx_reply', reply]))
    }

    say(frame: Frame): void {
      this.onmessage({ data: JSON.stringify(frame) })
    }

    close(): void {
      this.readyState = 3
      queueMicrotask(() => this.onclose({ code: 1000 }))
    }
  }

  return {
    transport: FakeSocket as never,
    heard,
    /** What was joined and left, in this order. */
    doors: () =>
      heard.filter(({ event }) => ['phx_join', 'phx_leave'].includes(event)).map(({ event, topic }) =>
        `${event} ${topic}`
      ),
    /** As `realtime.send` of the database, to those who listen. */
    tell: (topic: string, event: string, payload: unknown) =>
      socket?.say([null, null, `realtime:${topic}`, 'broadcast', { type: 'broadcast', event, payload }]),
    /** As where no policy lets them listen. */
    refuse() {
      refusing = true
    },
  }
}

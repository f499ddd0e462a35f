import type { Supabase } from './supabase.ts'

/** Who wants to hear through Realtime of jobs that have changed. */
export type Listener = {
  heard(job: number): void
  /** Whether Realtime is connected. Told at every change; what happened while it was not is not told. */
  live(on: boolean): void
}

/** Begins to listen. Returns the way to stop. */
export type Listen = (listener: Listener) => () => void

type Message = { payload?: { job?: unknown } }
type Channel = {
  on(kind: 'broadcast', filter: { event: string }, heard: (message: Message) => void): Channel
  subscribe(changed: (status: string) => void): Channel
}
type Realtime = {
  channel(topic: string, options: { config: { private: boolean } }): Channel
  removeChannel(channel: Channel): Promise<unknown>
}

// One channel for all queues of a user: a client has no second one of the same name.
const opened = new WeakMap<object, Map<string, Listen>>()

/** Listens to the topic that jobs of a user are told to, as long as somebody does. Needs queues that are open `live`. */
export function listenAs(supabase: Supabase, user: string): Listen {
  const ofClient = opened.get(supabase) ?? new Map<string, Listen>()
  opened.set(supabase, ofClient)
  const listen = ofClient.get(user) ?? share(supabase as unknown as Realtime, `supaqueue:${user}`)
  ofClient.set(user, listen)
  return listen
}

function share(realtime: Realtime, topic: string): Listen {
  const listeners = new Set<Listener>()
  let channel: Channel | undefined
  let left: Promise<unknown> | undefined
  let on = false

  return (listener) => {
    listeners.add(listener)
    if (on) listener.live(true)
    void enter()
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0) leave()
    }
  }

  async function enter(): Promise<void> {
    // Until it has been left for good, the client would give us the same one again.
    await left
    if (channel || listeners.size === 0) return
    const entered = channel = realtime.channel(topic, { config: { private: true } })
    channel.on('broadcast', { event: 'job' }, ({ payload }) => {
      for (const listener of listeners) listener.heard(Number(payload?.job))
    })
    channel.subscribe((status) => {
      if (entered !== channel) return
      on = status === 'SUBSCRIBED'
      for (const listener of listeners) listener.live(on)
    })
  }

  function leave(): void {
    if (channel) left = realtime.removeChannel(channel)
    channel = undefined
    on = false
  }
}

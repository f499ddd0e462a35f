/** One thing to do: so many jobs, each a call of a function, so many calls at once. */
export type Task = { fn: 'noop' | 'noops' | 'wait20'; parallelism: number; jobs: number; payload: Payload }

/** `text` is a JSON object of the given number of bytes. */
export type Payload = { bytes: number; text: string }

/** Whoever gets calls done. `seconds` is from the commit of the jobs to the last success that everybody can see. */
export type Contender = {
  name: string
  /** How it is set up, for the table's notes. */
  setup: string
  /** The database server whose time counts, if it is not that of the stack. */
  postgresPid?: number | undefined
  run(task: Task): Promise<{ seconds: number; jobs: number }>
}

export function payloadOf(bytes: number): Payload {
  const frame = JSON.stringify({ text: '' }).length
  return { bytes, text: JSON.stringify({ text: 'x'.repeat(Math.max(0, bytes - frame)) }) }
}

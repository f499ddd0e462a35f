import { SupaqueueError } from '../../_shared/supaqueue/errors.ts'
import { type Connection, readDatabaseUrl } from './database_url.ts'
import { DIRECT_TURN, inOneMessage } from './statement.ts'
import { type Ask, isNoFunction, noFunction, refused, TURN_TIMEOUT_MS, turnError } from '../turn/transport.ts'

/** An open connection, as the driver has it. It is asked for one statement at a time. */
export type Client = {
  /** Answers once for each statement of the text. */
  query(statement: { name?: string; text: string; values?: unknown[] }): Promise<Answered | Answered[]>
  end(): Promise<void>
}

type Answered = { rows: { answer?: unknown }[] }

/** Connects, or rejects; `onLost` is called when the connection breaks later. */
export type Connect = (to: Connection, onLost: (reason: Error) => void) => Promise<Client>

export type Deps = {
  /** SUPAQUEUE_DB_URL, and the certificate of who signed for it. */
  url: string
  ca?: string
  connect: Connect
  now: () => number
  after: (ms: number, ring: () => void) => () => void
  warn: (error: SupaqueueError) => void
  /** What the runs of one isolate know of the connection: until when not to try again, and whether it is by a pooler. */
  isolate: { directAfter: number; pooled?: boolean }
}

// Nobody waits for the connection meanwhile, and few connections are to be had.
const IDLE_MS = 5000

// What cannot be reached now can hardly be a second later. The Data API serves as well.
const RETRY_MS = 60_000

/**
 * Takes the turns of one run over a connection of its own. Until it is there, and whenever it is not, by `rpc`: a run
 * that finds nothing to do opens none, and one that waits for long calls gives it back. A break is shown, and the turns
 * go by `rpc` from then on.
 */
export function directOr(rpc: Ask, deps: Deps): { ask: Ask; close(): void } {
  const { isolate } = deps
  let client: Client | undefined
  let state: 'closed' | 'opening' | 'open' | 'over' = 'closed'
  let underWay = 0
  // The last turn over the connection: the next one sets out when it has come back.
  let line: Promise<unknown> = Promise.resolve()
  let keepOpen = (): void => {}

  return { ask, close: () => close('over') }

  async function ask(request: Parameters<Ask>[0]): Promise<unknown> {
    if (client) return await over(client, request)
    const answer = await rpc(request)
    if (state === 'closed' && bringsWork(answer) && deps.now() >= isolate.directAfter) void open()
    return answer
  }

  async function open(): Promise<void> {
    state = 'opening'
    try {
      const opened: Client = await connect((reason) => lose(opened, reason))
      // The run may have ended meanwhile.
      if ((state as string) !== 'opening') return void opened.end().catch(() => {})
      client = opened
      state = 'open'
      closeWhenIdle()
    } catch (reason) {
      giveUp(reason as Error)
    }
  }

  /** A pooler at another port than Supabase's is found out here, or with the first statement that it does not know. */
  async function connect(onLost: (reason: Error) => void): Promise<Client> {
    const { connection, pooled } = readDatabaseUrl(deps.url, { ca: deps.ca, pooled: isolate.pooled })
    isolate.pooled = pooled
    try {
      return await deps.connect(connection, onLost)
    } catch (reason) {
      if (pooled || !takesNoOptions(reason)) throw reason
      isolate.pooled = true
      return await connect(onLost)
    }
  }

  function statementOf(request: Parameters<Ask>[0]): Parameters<Client['query']>[0] {
    const value = JSON.stringify(request)
    return isolate.pooled
      ? { text: inOneMessage(DIRECT_TURN, value) }
      : { name: 'supaqueue_turn', text: DIRECT_TURN, values: [value] }
  }

  async function over(connection: Client, request: Parameters<Ask>[0]): Promise<unknown> {
    keepOpen()
    underWay++
    const { pooled } = isolate
    try {
      const work = line.then(() => connection.query(statementOf(request)))
      line = work.catch(() => {})
      return [await withinTime(work)].flat().at(-1)?.rows[0]?.answer
    } catch (reason) {
      if (isOfStatement(reason)) {
        if (pooled || !isUnprepared(reason)) throw errorOfStatement(reason)
        isolate.pooled = true
        return await over(connection, request)
      }
      lose(connection, reason as Error)
      throw turnError({ message: `the connection to the database broke: ${(reason as Error).message}` })
    } finally {
      underWay--
      closeWhenIdle()
    }
  }

  function closeWhenIdle(): void {
    keepOpen()
    if (client && underWay === 0) keepOpen = deps.after(IDLE_MS, () => close('closed'))
  }

  function close(as: 'closed' | 'over'): void {
    keepOpen()
    const closing = client
    client = undefined
    state = as
    void closing?.end().catch(() => {})
  }

  function lose(lost: Client, reason: Error): void {
    if (client !== lost) return
    close('closed')
    giveUp(reason)
  }

  function giveUp(reason: Error): void {
    if (state !== 'over') state = 'closed'
    deps.isolate.directAfter = deps.now() + RETRY_MS
    deps.warn(reason instanceof SupaqueueError ? reason : noConnection(reason))
  }

  async function withinTime<Result>(work: Promise<Result>): Promise<Result> {
    let callOff = () => {}
    const late = new Promise<never>((_, reject) => {
      callOff = deps.after(TURN_TIMEOUT_MS, () => reject(new Error(`no answer within ${TURN_TIMEOUT_MS} ms`)))
    })
    return await Promise.race([work, late]).finally(callOff)
  }
}

const bringsWork = (answer: unknown): boolean => {
  const { jobs } = Object(answer) as { jobs?: unknown }
  return Array.isArray(jobs) && jobs.length > 0
}

// Where the connection is another one than that which prepared it, or one on which somebody else prepared the same.
const isUnprepared = ({ code }: StatementError): boolean => code === '26000' || code === '42P05'

const takesNoOptions = (reason: unknown): boolean => {
  const { code, message } = Object(reason) as { code?: unknown; message?: unknown }
  return code === '08P01' && /startup parameter/.test(String(message))
}

type StatementError = Error & { severity: string; code: string; hint?: string }

// What the server says and keeps the connection for. FATAL and PANIC end it, and so does everything that it does not say.
export const isOfStatement = (reason: unknown): reason is StatementError => Object(reason).severity === 'ERROR'

/** What the server said of a turn. */
export function errorOfStatement({ code, message, hint }: StatementError): SupaqueueError {
  if (isNoFunction(code, message)) return noFunction('Run the installer again.')
  if (code === '42501') {
    return refused(
      'SQ403',
      message,
      'The role of SUPAQUEUE_DB_URL must be postgres, or one that may what service_role may, or the one that install --worker-role made.',
    )
  }
  return turnError({ code, message, hint })
}

// Messages of the driver name host and user, never the password.
const noConnection = ({ message }: Error) =>
  new SupaqueueError(
    'SQ504',
    `there is no connection by SUPAQUEUE_DB_URL, and turns go through the Data API: ${message}`,
    'Nothing is lost. Look at host, port, password and certificate of SUPAQUEUE_DB_URL; where no public authority signed for the server, SUPAQUEUE_DB_CA holds the certificate of who did.',
  )

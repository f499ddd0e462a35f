import { DISPATCHER } from './edge.ts'

/** What the dispatcher's place answers to a GET, which is no wake-up. */
export async function askDispatcher(reachUrl: string): Promise<{ status: number; code: string | undefined }> {
  const response = await fetch(`${reachUrl}/${DISPATCHER}`, { signal: AbortSignal.timeout(10_000) })
  const body = await response.json().catch(() => ({})) as { code?: string }
  return { status: response.status, code: body?.code }
}

/** It says by itself that a GET is no wake-up: from anybody else the answer looks different. */
export const isDispatcher = ({ code }: { code: string | undefined }): boolean => code === 'SQ405'

export const answersAsDispatcher = (reachUrl: string): Promise<boolean> =>
  askDispatcher(reachUrl).then(isDispatcher, () => false)

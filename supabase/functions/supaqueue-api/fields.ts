import { z } from '@hono/zod-openapi'

// Fields that several routes have.

/** What a column of type integer holds. */
export const integer = z.int().min(-2_147_483_648).max(2_147_483_647)
export const count = z.int().min(0)
export const time = z.iso.datetime({ offset: true }).openapi({ example: '2026-11-22T12:00:00+00:00' })
export const queueName = z.string().min(1).max(200).openapi({ description: 'Its name or its id.', example: 'emails' })
export const jobId = z.int().min(1).max(Number.MAX_SAFE_INTEGER).openapi({ example: 17 })
export const maxRps = z.number().positive().max(100_000).openapi({ description: 'May be a fraction.', example: 10 })
export const headers = z.record(z.string(), z.string()).openapi({ example: { 'x-team': 'mail' } })
export const httpUrl = z.url({ protocol: /^https?$/, error: 'an http or https address' }).max(2048)
  .openapi({ example: 'https://api.example.com/v1/items' })

/** A number in a path or a query. */
export const numeral = (least: number, most: number) => z.coerce.number().pipe(z.int().min(least).max(most))
export const jobIdInPath = z.object({
  id: numeral(1, Number.MAX_SAFE_INTEGER).openapi({ type: 'integer', example: 17 }),
})
export const limit = numeral(1, 100).optional().openapi({
  type: 'integer',
  description: 'How many at most. Default 50.',
})

export const jobStatus = z.enum(['held', 'pending', 'in_progress', 'success', 'failed', 'cancelled'])
export const onConflict = z.enum(['error', 'skip', 'replace'])
  .openapi({
    description:
      'When the dedupe_key is taken: refuse (default), take the job that has it, or write over it, for which a key must have the scope `control`.',
  })

/** To write over a job, which may be somebody else's, is to change what is there. A burst does so with all but its first. */
export const controlToReplace = (body: unknown): 'control' | undefined => {
  const { on_conflict, ...burst } = body as Record<string, unknown>
  return on_conflict === 'replace' || BURST.some((name) => burst[name] != null) ? 'control' : undefined
}

const BURST = ['debounce_ms', 'max_wait_ms', 'throttle_ms']

import type { z } from '@hono/zod-openapi'
import type { Scope } from './caller.ts'

/**
 * One operation of the door. What it does stands in the database, in functions/api: `id` is its name there and in the
 * OpenAPI document.
 */
export type Route = {
  id: string
  method: 'get' | 'post' | 'patch'
  /** As OpenAPI writes it: /jobs/{id}. */
  path: string
  tag: string
  summary: string
  description?: string
  /** What the caller's key must be for. */
  scope: Scope
  /** What else it must be for, by what the body asks. */
  more?: (body: unknown) => Scope | undefined
  params?: z.ZodObject
  query?: z.ZodObject
  body?: z.ZodType
  /** Of the answer when all is well. */
  status: 200 | 201
  answer: z.ZodType
}

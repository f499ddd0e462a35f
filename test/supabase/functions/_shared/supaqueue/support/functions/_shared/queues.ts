import { z } from 'zod'
import { defineQueue } from '../../../../../../../../supabase/functions/_shared/supaqueue/mod.ts'

// What both ends share: the tests send by it, and the function beside it receives by it.

export const sums = defineQueue(
  'sums',
  z.object({
    terms: z.array(z.number()),
    /** A text on its way, a Date in the function. */
    since: z.iso.datetime().default('2000-01-01T00:00:00Z').transform((text) => new Date(text)),
    then: z.enum(['answer', 'fail', 'lie', 'tell', 'wait']).default('answer'),
  }),
  { result: z.object({ sum: z.number(), year: z.number() }) },
)

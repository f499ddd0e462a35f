import { z } from 'zod'
import { handle } from 'supaqueue/edge'
import { fulfil } from './fulfil.ts'

// An example of a function that takes a week, though none of its calls takes more than a moment. Your project does not need it.

const Order = z.object({ id: z.string(), cents: z.int().positive(), pages: z.array(z.string()) })

Deno.serve(handle(Order, fulfil))

import { consume } from '../../../supabase/functions/_shared/supaqueue/mod.ts'
import { fulfil } from './fulfil.ts'
import { Anything, mortal } from './mortal.ts'

// A pull consumer as a process of its own, which may be killed.

const { outside, deps } = mortal(process.env.BOOK_URL!)

consume(
  process.env.QUEUE!,
  Anything,
  (payload, job) => fulfil((payload as { part: number }).part, outside)(payload, job),
  { idle: 20, deps },
)

import { handle } from '../../../../../supabase/functions/_shared/supaqueue/mod.ts'
import { fulfil } from '../../fulfil.ts'
import { Anything, mortal } from '../../mortal.ts'

const { outside, deps } = mortal(Deno.env.get('BOOK_URL')!)

Deno.serve(
  handle(Anything, (payload, job) => fulfil((payload as { part: number }).part, outside)(payload, job), { deps }),
)

// What dist/dispatcher.js has: the edge function, and its parts for `supaqueue work`.
export { serve } from '../../../supabase/functions/supaqueue/serve.ts'
export * from '../../work/dispatcher.ts'

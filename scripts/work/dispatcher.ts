// The parts of the dispatcher that a process has in common with the edge function. The package has them once, in dispatcher.js.
export { type Call, makeCaller } from '../../supabase/functions/supaqueue/call/call.ts'
export { type Limits, readLimits } from '../../supabase/functions/supaqueue/settings/limits.ts'
export { type Run, startRun } from '../../supabase/functions/supaqueue/run/run.ts'
export { errorOfStatement, isOfStatement } from '../../supabase/functions/supaqueue/direct/direct.ts'
export { DIRECT_TURN, SETTINGS, withValues } from '../../supabase/functions/supaqueue/direct/statement.ts'
export {
  type Ask,
  openDatabase,
  TURN_TIMEOUT_MS,
  turnError,
  unknownForm,
} from '../../supabase/functions/supaqueue/turn/transport.ts'

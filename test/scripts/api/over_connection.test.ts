import { doors } from '../../supabase/functions/supaqueue-api/support/door.ts'

// What the door promises, it promises as a process, too: over a connection, as a role that may call one function. Here and not
// beside the files that it runs again: those share their processes, and in a process a file is run once.

doors.over = 'a connection'
await import('../../supabase/functions/supaqueue-api/api.test.ts')
await import('../../supabase/functions/supaqueue-api/jobs.test.ts')
await import('../../supabase/functions/supaqueue-api/tasks.test.ts')

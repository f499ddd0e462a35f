import { doors } from './support/door.ts'

// What the door promises, it promises as a process, too: over a connection, as a role that may call one function.

doors.over = 'a connection'
await import('./api.test.ts')
await import('./jobs.test.ts')
await import('./tasks.test.ts')

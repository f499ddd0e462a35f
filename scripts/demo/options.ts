import { join } from 'node:path'
import { home } from '../cli/place.ts'

/** What the command line says. */
export type DemoOptions = { file?: string; json?: boolean }

/** What is read where no file is named. */
export const ownText = join(home, 'README.md')

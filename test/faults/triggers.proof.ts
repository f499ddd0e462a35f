import { befalls } from './support/befall.ts'
import { HARMS, uncounted } from './support/triggers.ts'

// Every trigger of a user on each of our tables.

befalls(HARMS, { uncounted })

import { befalls } from './support/befall.ts'
import { HARMS, uncounted } from './support/triggers.ts'

// Each kind of a user's trigger, on one of our tables: triggers.proof.ts tries all kinds on all tables.

befalls(HARMS, { uncounted, sample: true })

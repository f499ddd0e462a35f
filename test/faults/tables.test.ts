import { befalls } from './support/befall.ts'
import { HARMS, uncounted } from './support/triggers.ts'

// A trigger of a user on each of our tables, another kind on each: triggers.proof.ts tries all kinds on all tables.

befalls(HARMS, { uncounted, sample: true })

import { rehearsals } from './rehearsals.ts'
import { twoSessions } from './scenarios/two.ts'

rehearsals(twoSessions)

import { rehearsals } from './rehearsals.ts'
import { batches } from './scenarios/batches.ts'

rehearsals(batches)

import { rehearsals } from './rehearsals.ts'
import { control } from './scenarios/control.ts'

rehearsals(control)

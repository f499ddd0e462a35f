import { rehearsals } from './rehearsals.ts'
import { threeSessions } from './scenarios/three.ts'

rehearsals(threeSessions)

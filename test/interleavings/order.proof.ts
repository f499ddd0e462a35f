import { rehearsals } from './rehearsals.ts'
import { order } from './scenarios/order.ts'

rehearsals(order)

import { startPostgres } from '../scripts/dev/postgres.ts'
import { prepare } from './support/cluster.ts'
const p = await startPostgres({ inMemory: true, port: 25999 })
await prepare(p, 'x')
console.log(p.urlFor('owner', 'x')); console.log(p.urlFor('admin', 'x')); console.log(p.urlFor('authenticator','x'))
setInterval(() => {}, 1e6)

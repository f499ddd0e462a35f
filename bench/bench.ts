import { loadavg } from 'node:os'
import { describeError } from '../scripts/dev/command/describe.ts'
import { facts } from './facts.ts'
import { keep } from './keep.ts'
import { type Options, readOptions, usage } from './options.ts'
import { report } from './report.ts'
import type { Finding, Scenario } from './scenario.ts'
import { command } from './scenarios/command.ts'
import { batched } from './scenarios/batched.ts'
import { commits } from './scenarios/commits.ts'
import { edges } from './scenarios/edges.ts'
import { enqueue } from './scenarios/enqueue.ts'
import { hooks } from './scenarios/hooks.ts'
import { latency } from './scenarios/latency.ts'
import { looks } from './scenarios/looks.ts'
import { platform } from './scenarios/platform.ts'
import { order } from './scenarios/order.ts'
import { planned } from './scenarios/planned.ts'
import { scale } from './scenarios/scale.ts'
import { snapshot } from './scenarios/snapshot.ts'
import { rate } from './scenarios/rate.ts'
import { starts } from './scenarios/starts.ts'
import { steady } from './scenarios/steady.ts'
import { steps } from './scenarios/steps.ts'
import { throughput } from './scenarios/throughput.ts'

const scenarios: Scenario[] = [
  throughput,
  batched,
  commits,
  latency,
  planned,
  enqueue,
  hooks,
  scale,
  order,
  edges,
  looks,
  snapshot,
  rate,
  starts,
  steady,
  steps,
  platform,
  command,
]

// Progress goes where it does not disturb what a program reads.
const say = (line: string) => console.error(line)

process.exitCode = await main(process.argv.slice(2))

async function main(args: string[]): Promise<number> {
  let options: Options | 'help'
  try {
    options = readOptions(args, scenarios.map(({ name }) => name))
  } catch (reason) {
    console.error(describeError(reason))
    return 2
  }
  if (options === 'help') {
    console.log(usage(scenarios))
    return 0
  }
  return await run(options)
}

/** Measures the chosen scenarios one after the other. One that breaks does not keep the others from being measured. */
async function run(options: Options): Promise<number> {
  const found: (Finding & { name: string; seconds: number; load: number[] })[] = []
  const broken: { name: string; reason: string }[] = []
  const known = await facts()
  for (const { name, measure } of scenarios) {
    if (options.only.length > 0 && !options.only.includes(name)) continue
    const from = performance.now()
    say(`${name} ...`)
    try {
      const finding = await measure({ options, say: (line) => say(`  ${name}: ${line}`) })
      found.push({ name, seconds: Math.round((performance.now() - from) / 1000), load: loadavg(), ...finding })
    } catch (reason) {
      broken.push({ name, reason: describeError(reason) })
      say(`  ${name} broke: ${describeError(reason)}`)
    }
  }

  const results = { facts: known, options, scenarios: found, broken }
  if (options.keep && found.length > 0) say(`written to ${keep(results)}`)
  console.log(options.json ? JSON.stringify(results, null, 2) : `\n${report(found)}`)
  return broken.length === 0 ? 0 : 1
}

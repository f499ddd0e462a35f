import { type Deps, realDeps } from '../../cli/deps.ts'
import { main } from '../../cli/main.ts'
import { usage as consoleUsage } from '../../console/options.ts'
import { usage as demoUsage } from '../../demo/options.ts'
import { usage as devUsage } from '../../dev/command/options.ts'
import { GENERATED } from './markdown.ts'

// These read their own command lines.
const USAGES: Record<string, string> = { console: consoleUsage, demo: demoUsage, dev: devUsage }

/** The help of the program and of each of its commands. */
export async function commandsPage(): Promise<string> {
  const deps = realDeps()
  const help = await helpOf([], deps)
  const commands = [...help.matchAll(/^ {2}([a-z][a-z-]*) /gm)].map(([, name]) => name!).filter((name) =>
    name !== 'help'
  )
  const sections: string[] = []
  for (const name of commands) sections.push(`## ${name}`, block(USAGES[name]?.trimEnd() ?? await helpOf([name], deps)))
  const intro = '`npx supaqueue <command>`; in a clone `pnpm supaqueue <command>`.'
  return [GENERATED, '# Commands', intro, block(help), ...sections].join('\n\n') + '\n'
}

const block = (text: string): string => `\`\`\`text\n${text}\n\`\`\``

async function helpOf(command: string[], deps: Deps): Promise<string> {
  const lines: string[] = []
  await main([...command, '--help'], { ...deps, say: (line) => void lines.push(line) })
  return lines.join('\n').trimEnd()
}

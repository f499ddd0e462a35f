import { type Deps, realDeps } from '../../cli/deps.ts'
import { ENDINGS } from '../../cli/commands/exit.ts'
import { commands, main } from '../../cli/main.ts'
import { GENERATED } from './markdown.ts'

/** The help of the program and of each of its commands, and how they end. */
export async function commandsPage(): Promise<string> {
  const deps = realDeps()
  const sections: string[] = []
  for (const command of commands()) {
    sections.push(`## ${command.name()}`, block(await helpOf([command.name()], deps)))
  }
  const intro = '`npx supaqueue <command>`; in a clone `pnpm supaqueue <command>`.'
  return [GENERATED, '# Commands', intro, block(await helpOf([], deps)), ...sections, ...endings].join('\n\n') + '\n'
}

const endings = [
  '## Exit codes',
  'What was asked for goes to standard output, what the work has to say to standard error. An error is two lines on standard error: ' +
  'its code with what is wrong, and what to do. With `--json` it is an object on standard output in their place:',
  '```json\n{"error": {"code": "SQ404", "message": "...", "hint": "...", "exit": 5}}\n```',
  [
    '| exit code | meaning | errors |',
    '|---|---|---|',
    ...ENDINGS.map(({ exit, meaning, errors }) =>
      `| ${exit} | ${meaning} | ${errors.map((code) => `\`${code}\``).join(', ')} |`
    ),
  ].join('\n'),
  'Passwords in URLs are left out of all that is printed. Give URLs by the environment all the same (`SUPAQUEUE_DB_URL`): package ' +
  'managers print the command line that they run.',
]

const block = (text: string): string => `\`\`\`text\n${text}\n\`\`\``

async function helpOf(command: string[], deps: Deps): Promise<string> {
  const lines: string[] = []
  await main([...command, '--help'], { ...deps, screen: undefined, say: (line) => void lines.push(line) })
  return lines.join('\n').trimEnd()
}

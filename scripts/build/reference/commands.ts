import { type Deps, realDeps } from '../../cli/deps.ts'
import { ENDINGS, exitHelp } from '../../cli/commands/exit.ts'
import { commands, environmentHelp, main } from '../../cli/main.ts'
import { GENERATED } from './markdown.ts'

/** The help of the program and of each of its commands, and how they end. What the help of all has in common is said once. */
export async function commandsPage(): Promise<string> {
  const deps = realDeps()
  const sections: string[] = []
  for (const command of commands()) {
    sections.push(`## ${command.name()}`, block(ownPart(await helpOf([command.name()], deps))))
  }
  const intro =
    'Run `npx supaqueue <command>`, or `pnpm supaqueue <command>` in a clone.\n`--help` shows the same text as this page.'
  return [GENERATED, '# Commands', intro, block(await helpOf([], deps)), ...sections, ...endings].join('\n\n') + '\n'
}

/** The help without what the help of the program says, too. */
const ownPart = (help: string): string => help.replace(environmentHelp.trimEnd(), '').replace(exitHelp, '').trimEnd()

const endings = [
  '## Exit codes',
  'Results go to standard output. Messages about progress and errors go to standard error. An error has two lines: its\n' +
  'code and what is wrong, then what to do. With `--json` an error is an object on standard output instead:',
  '```json\n{"error": {"code": "SQ404", "message": "...", "hint": "...", "exit": 5}}\n```',
  [
    '| exit code | meaning | errors |',
    '|---|---|---|',
    ...ENDINGS.map(({ exit, meaning, errors }) =>
      `| ${exit} | ${meaning} | ${errors.map((code) => `\`${code}\``).join(', ')} |`
    ),
  ].join('\n'),
  'The program never prints passwords of URLs. Pass URLs in the environment all the same (`SUPAQUEUE_DB_URL`), because\n' +
  'package managers print the command line that they run.',
]

const block = (text: string): string => `\`\`\`text\n${text}\n\`\`\``

async function helpOf(command: string[], deps: Deps): Promise<string> {
  const lines: string[] = []
  await main([...command, '--help'], { ...deps, screen: undefined, say: (line) => void lines.push(line) })
  return lines.join('\n').trimEnd()
}

import type { ClientBase } from 'pg'
import { join } from 'node:path'
import { home } from '../../cli/place.ts'
import { routinesForPeople } from '../types/routines.ts'
import { commandsPage } from './commands.ts'
import { functionsPage } from './functions.ts'
import { llmsText, skillText } from './helpers.ts'
import { outcomesPage } from './outcomes.ts'
import { settingsPage } from './settings.ts'

/** The pages that are generated: where each is kept, and its text. */
export async function referencePages(db: ClientBase): Promise<[path: string, text: string][]> {
  const texts = {
    settings: await settingsPage(db),
    functions: await functionsPage(db, routinesForPeople()),
    outcomes: await outcomesPage(db),
    commands: await commandsPage(),
  }
  return [
    ...Object.entries(texts).map(([name, text]): [string, string] => [join(home, `docs/reference/${name}.md`), text]),
    [join(home, 'llms.txt'), llmsText()],
    [join(home, 'skills/supaqueue/SKILL.md'), skillText()],
  ]
}

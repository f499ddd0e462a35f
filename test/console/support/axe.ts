import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

type Run = { violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
/** The rules that look at colors. A scheme changes nothing else: test/console/schemes.test.ts. */
const RULES_OF_COLORS = ['color-contrast', 'link-in-text-block']

/** What of WCAG 2.2 AA, and of good practice, the page as it stands does not keep: nothing, if all is well. */
export const faultsOf = (page: Page): Promise<string[]> => run(page, RULES)

/** The same of its colors alone. */
export const faultsOfColors = (page: Page): Promise<string[]> => run(page, RULES_OF_COLORS)

async function run(page: Page, runOnly: string[]): Promise<string[]> {
  if (!await page.evaluate(() => 'axe' in globalThis)) await page.evaluate(source)
  // Only what is not kept is written out, and comes over the line: to say where each thing stands that is well takes longer than
  // to look.
  const violations = await page.evaluate(
    async (runOnly) => {
      const { axe } = globalThis as unknown as { axe: { run(context: Document, options: object): Promise<Run> } }
      return (await axe.run(document, { runOnly, resultTypes: ['violations'], selectors: false })).violations
    },
    runOnly,
  )
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`)
  )
}

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../', import.meta.url))

export type Block = { language: string; code: string; line: number }

/** Every Markdown page of the project, by its path from the root. */
export const pages: string[] = readdirSync(root, { withFileTypes: true })
  .filter(({ name }) => !name.startsWith('.') && name !== 'node_modules')
  .flatMap((entry) =>
    entry.isDirectory()
      ? readdirSync(join(root, entry.name), { recursive: true, encoding: 'utf8' }).map((path) => join(entry.name, path))
      : [entry.name]
  )
  .filter((path) => path.endsWith('.md') && !path.includes('node_modules'))
  .sort()

/** The pages of the kit. */
export const kitPages: string[] = pages.filter((page) => page.startsWith(join('docs', 'kit')))

export const readPage = (page: string): string => readFileSync(join(root, page), 'utf8')

/** The fenced blocks of a page that name a language. `line` is that of the fence. */
export const blocksOf = (text: string): Block[] =>
  [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(({ 1: language = '', 2: code = '', index }) => ({
    language,
    code,
    line: text.slice(0, index).split('\n').length,
  }))

/** Links of a page to a heading, of this page or another: the file, empty for the page itself, and the name of the heading. */
export const anchorsOf = (text: string): { target: string; heading: string }[] =>
  [...text.matchAll(/\]\(([^)\s#:]*)#([^)\s]+)\)/g)].map(([, target, heading]) => ({
    target: target!,
    heading: heading!,
  }))

/** The items of the lists of a text, each in one line. */
export const itemsOf = (text: string): string[] =>
  [...text.replace(/^```[^]*?^```/gm, '').matchAll(/^- (.+(?:\n {2,}\S.*)*)/gm)].map(([, item]) =>
    item!.replace(/\s+/g, ' ')
  )

/** The names of the headings of a page, as they are linked to. */
export const headingsOf = (text: string): string[] =>
  [...text.replace(/^```[^]*?^```/gm, '').matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title!.toLowerCase().replace(/\]\([^)]*\)/g, '').replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-')
  )

/** The targets of a page's links to other files of the project, without the part that names a heading. */
export const linksOf = (text: string): string[] =>
  [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1]!.replace(/#.*$/, ''))
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target))

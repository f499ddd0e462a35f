/**
 * The paragraphs of a text, plain or Markdown, each on one line and without markup. Each item of a list is one;
 * headings, tables, code and what has no letters in it are none.
 */
export function paragraphsOf(text: string): string[] {
  const blocks: string[][] = [[]]
  let fence: string | undefined
  for (const line of text.split('\n')) {
    const mark = /^\s*(```|~~~)/.exec(line)?.[1]
    if (mark && (fence === undefined || fence === mark)) fence = fence ? undefined : mark

    if (fence || mark || isApart(line)) blocks.push([])
    else if (beginsItem(line)) blocks.push([line])
    else blocks.at(-1)!.push(line)
  }
  return blocks.map((lines) => plain(lines.join('\n'))).filter((paragraph) => /\p{L}/u.test(paragraph))
}

const isApart = (line: string) => /^\s*($|#{1,6}\s|\||<!--)/.test(line)

const beginsItem = (line: string) => /^\s*([-*+]|\d+[.)])\s/.test(line)

const plain = (block: string): string =>
  block
    .replace(/^\s*(?:(?:[-*+>]|\d+[.)])\s+)+/gm, '')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/<\/?(?:a|b|br|div|em|i|img|kbd|p|picture|source|span|strong|sub|sup)\b[^>]*>/gi, '')
    .replace(/[*`]+(?=\S)|(?<=\S)[*`]+|(?<!\w)_+(?=\w)|(?<=\w)_+(?!\w)/g, '')
    // A control character could do things to the terminal that shows the paragraph.
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()

const WIDTH_OF_LETTER = 7.8
const HEIGHT_OF_LINE = 18
const MARGIN = 16

/** What a terminal shows, as a picture whose text can be selected and read aloud. Commands, which begin with `$`, stand out. */
export function drawTerminal(lines: string[]): string {
  const width = Math.ceil(Math.max(...lines.map((line) => line.length)) * WIDTH_OF_LETTER) + 2 * MARGIN
  const height = lines.length * HEIGHT_OF_LINE + 2 * MARGIN
  const texts = lines.map((line, at) =>
    line &&
    `<text x="${MARGIN}" y="${MARGIN + HEIGHT_OF_LINE * at + 13}"${line.startsWith('$ ') ? ' class="command"' : ''}>${
      escape(line)
    }</text>`
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" role="img">`,
    '<title>A terminal: supaqueue init, supaqueue dev, and a first job</title>',
    '<style>text { font: 13px ui-monospace, monospace; fill: #e6edf3; white-space: pre } .command { fill: #7ee787; font-weight: 700 }</style>',
    `<rect width="${width}" height="${height}" rx="8" fill="#0d1117" />`,
    ...texts.filter(Boolean),
    '</svg>',
    '',
  ].join('\n')
}

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

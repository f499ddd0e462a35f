// A cell in eighths, from nearly empty to full.
const CELLS = ' ▏▎▍▌▋▊▉█'

/** A part of a whole as a bar of `width` characters. What is not nothing shows. */
export function bar(part: number, whole: number, width: number): string {
  const share = whole > 0 ? Math.min(part / whole, 1) : 0
  const eighths = Math.max(Math.round(share * width * 8), share > 0 ? 1 : 0)
  const full = '█'.repeat(Math.floor(eighths / 8))
  return (full + (eighths % 8 ? CELLS[eighths % 8] : '')).padEnd(width, '░')
}

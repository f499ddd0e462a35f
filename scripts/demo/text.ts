import { readFileSync } from 'node:fs'
import { SupaqueueError } from '../../supabase/functions/_shared/supaqueue/errors.ts'

const hint = 'Give a file with some text in it, plain or Markdown, in UTF-8: pnpm demo notes.txt'

/** The text of a file. Throws a `SupaqueueError` if there is none. */
export function readText(file: string): string {
  const bytes = readBytes(file)
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new SupaqueueError('SQ422', `${file} is not a text in UTF-8.`, hint)
  }
  // UTF-8 allows it, but no text has it, and Postgres cannot store it.
  if (text.includes('\0')) throw new SupaqueueError('SQ422', `${file} is not a text.`, hint)
  return text
}

function readBytes(file: string): Uint8Array {
  try {
    return readFileSync(file)
  } catch (reason) {
    const { code } = reason as NodeJS.ErrnoException
    if (code === 'ENOENT') throw new SupaqueueError('SQ422', `There is no file ${file}.`, hint)
    if (code === 'EISDIR') throw new SupaqueueError('SQ422', `${file} is a folder.`, hint)
    throw new SupaqueueError('SQ422', `${file} cannot be read: ${(reason as Error).message}`, hint)
  }
}

import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  type Stats,
} from 'node:fs'
import { exchanged, isSame, pathOf } from '../../cli/project/directory.ts'

/**
 * The text of a file. `expect` is given what was opened, and where that really is, and throws if it may not be read: so it does
 * not matter what the name led to when it was looked at before, or does by now. A pipe is not waited for.
 */
export function readOpened(path: string, expect: (real: string, is: Stats) => void): string {
  const handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const is = fstatSync(handle)
    expect(placeOf(handle, path, is), is)
    return readFileSync(handle, 'utf8')
  } finally {
    closeSync(handle)
  }
}

function placeOf(handle: number, path: string, is: Stats): string {
  const held = pathOf(handle)
  if (held !== undefined) return readlinkSync(held)
  const real = realpathSync(path)
  if (!isSame(lstatSync(real), is)) throw exchanged(path)
  return real
}

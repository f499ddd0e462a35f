import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readText } from '../../../scripts/demo/text.ts'

describe('readText', () => {
  let folder: string
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'demo-'))))
  afterAll(() => rmSync(folder, { recursive: true }))

  const file = (bytes: string | Uint8Array): string => {
    const path = join(folder, crypto.randomUUID())
    writeFileSync(path, bytes)
    return path
  }

  test('gives the text of a file', () => {
    expect(readText(file('Grüße\n'))).toBe('Grüße\n')
  })

  test.each([
    ['a file that is not there', () => join(folder, 'nowhere.txt'), 'SQ422'],
    ['a folder', () => folder, 'SQ422'],
    ['bytes that are no UTF-8', () => file(Uint8Array.of(0xff, 0xfe, 0x41)), 'SQ422'],
    ['a text with a NUL in it', () => file('a\0b'), 'SQ422'],
  ])('refuses %s, and says what to do', (_, path, code) => {
    expect(() => readText(path())).toThrow(
      expect.objectContaining({ code, hint: expect.stringContaining('pnpm demo') }),
    )
  })
})

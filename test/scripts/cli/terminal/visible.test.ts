import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { visible, visibleLines } from '../../../../console/visible.ts'
import { plain } from '../../../../scripts/cli/terminal/plain.ts'
import { print, printError } from '../../../../scripts/cli/terminal/print.ts'
import { screenOf } from '../../../../scripts/cli/terminal/screen.ts'
import { table } from '../../../../scripts/cli/terminal/table.ts'
import { realDeps } from '../../../../scripts/cli/deps.ts'

const HIDDEN = {
  'a signal': '\u0007',
  'the beginning of a command to a terminal': '\u001b',
  'the same in one byte': '\u009b',
  'a deletion': '\u007f',
  'right to left from here on': '\u202e',
  'left to right from here on': '\u202d',
  'an isolate': '\u2067',
  'the end of an isolate': '\u2069',
  'a mark of direction': '\u200f',
  'a mark of Arabic': '\u061c',
  'a blank without width': '\u200b',
  'a joiner that joins nothing': '\u200d',
  'a mark of byte order': '\ufeff',
  'a soft hyphen': '\u00ad',
  'a filler': '\u3164',
  'an empty pattern of Braille': '\u2800',
  'a line separator': '\u2028',
  'a paragraph separator': '\u2029',
  'a letter among the tags': '\u{e0041}',
  'a selector of variations': '\u{e0100}',
  'a note of music that is not seen': '\u{1d173}',
  'half a character': '\ud800',
}

// The Unicode database's own words for it.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/u

describe('what cannot be seen is shown by its number', () => {
  test.each(Object.entries(HIDDEN))('%s', (_, hidden) => {
    const shown = visible(`ada${hidden}lice`)

    expect(shown).toMatch(/^ada(\\u[0-9a-f]{4})+lice$/)
    expect(JSON.parse(`"${shown}"`)).toBe(`ada${hidden}lice`)
  })

  test.each(['Ada', 'naïve', 'שלום', 'مرحبا', 'नमस्ते', '日本語', '👩‍👩‍👧', '❤️', '1️⃣', '👍🏽', '🏳️‍🌈', '"\\ 7'])(
    'what can be seen stays as it is: %s',
    (text) => expect(visible(text)).toBe(text),
  )

  test('what joins emoji joins nothing else', () => {
    expect(visible('a\u200db \u200d👧 1\ufe0f')).toBe('a\\u200db \\u200d👧 1\\ufe0f')
  })

  test('nothing of any text is left unseen, and JSON says the same', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => {
      const emoji = /\p{Extended_Pictographic}|[#*0-9]\ufe0f/u.test(text)
      expect(emoji || !UNSEEN.test(visible(text))).toBe(true)
      expect(visible(visible(text))).toBe(visible(text))
    }))
    fc.assert(fc.property(fc.json({ stringUnit: 'binary' }), (json) => {
      expect(JSON.parse(visibleLines(json))).toEqual(JSON.parse(json))
    }))
  })
})

describe('in a terminal', () => {
  const hidden = Object.values(HIDDEN).join(' ')
  afterEach(() => void vi.restoreAllMocks())

  /** What is written to the terminal meanwhile. */
  function listen() {
    const written: string[] = []
    for (const stream of [process.stdout, process.stderr]) {
      vi.spyOn(stream, 'write').mockImplementation((text) => Boolean(written.push(String(text))))
    }
    return () => written.join('').replaceAll('\r\x1b[2K', '')
  }

  test('nothing that is printed steers it or hides', () => {
    const heard = listen()
    const deps = realDeps()
    print(hidden)
    printError(hidden)
    deps.say(hidden)
    deps.note(`two\n${hidden}`)
    deps.progress(hidden)

    expect(heard().replaceAll('\n', '')).not.toMatch(UNSEEN)
    expect(heard().split('\\u202e').length).toBeGreaterThanOrEqual(5)
  })

  test('nor what is drawn', () => {
    const drawn: string[] = []
    screenOf({ isTTY: true, columns: 500, write: (text) => drawn.push(text) })!.draw([hidden])

    expect(
      ['\x1b[2J', '\x1b[H', '\x1b[K', '\x1b[J', '\n'].reduce((rest, own) => rest.replaceAll(own, ''), drawn.join('')),
    ).not.toMatch(UNSEEN)
  })

  test('nor does it move the columns of a table, or break a line', () => {
    const lines = table([{ head: 'a', cell: (text: string) => text }, { head: 'b', cell: () => '|' }], [
      'x\u202ey',
      'one\ntwo',
    ])

    expect(lines).toEqual(['a         b', 'x\\u202ey  |', 'one two   |'])
    expect(plain('one\r\ntwo\tthree')).toBe('one  two three')
  })

  test('no command prints by another way', () => {
    const root = join(import.meta.dirname, '../../../../scripts')
    // A bar of numbers that draws over itself; the interception of what a library prints; and what runs in Deno.
    const own = [
      'cli/terminal/print.ts',
      'cli/terminal/screen.ts',
      'cli/deps.ts',
      'demo/progress.ts',
      'dev/rest/lite/errors.ts',
    ]
    const others = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) =>
      !own.includes(file) && file.endsWith('.ts') && !file.endsWith('.deno.ts')
    )
    const printing = others.filter((file) =>
      /console\.(log|error|warn|info)\(|process\.std(out|err)\.write/.test(readFileSync(join(root, file), 'utf8'))
    )

    expect(printing).toEqual([])
  })
})

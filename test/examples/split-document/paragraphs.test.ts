import { describe, expect, test } from 'vitest'
import { paragraphsOf } from '../../../examples/supabase/functions/split-document/paragraphs.ts'

describe('paragraphs', () => {
  test('are parted by empty lines, and each is one line', () => {
    expect(paragraphsOf('One\nand the same.\r\n\r\nTwo.\n \n\nThree.')).toEqual(['One and the same.', 'Two.', 'Three.'])
  })

  test('each item of a list is one', () => {
    expect(paragraphsOf('A list:\n- one\n  goes on\n* two\n1. three\n> quoted')).toEqual([
      'A list:',
      'one goes on',
      'two',
      'three quoted',
    ])
  })

  test('headings, tables, comments and rules are none', () => {
    expect(paragraphsOf('# Title\nText.\n## Next\n| a | b |\n|---|---|\n<!-- hidden -->\n---\n\n* * *\n')).toEqual([
      'Text.',
    ])
  })

  test('code between fences is none, also when its fence is never closed or another kind stands in it', () => {
    expect(paragraphsOf('One.\n```sql\nselect 1\n~~~\n\nselect 2\n```\nTwo.\n~~~\nselect 3')).toEqual(['One.', 'Two.'])
  })

  test('lose their markup, and keep names with underscores and what stands in angle brackets', () => {
    expect(paragraphsOf('See **the** [`current_job`](a/b.md) of _this_ <b>page</b>: <id>, 2 * 3.')).toEqual([
      'See the current_job of this page: <id>, 2 * 3.',
    ])
  })

  test('lose characters that could steer a terminal', () => {
    expect(paragraphsOf('Red \u001b[31malert\u0007.')).toEqual(['Red [31malert .'])
  })
})

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

// Deno repeats by itself what it sends on a connection that was used before (_shared/supaqueue/once.ts says when).

const root = join(import.meta.dirname, '../../supabase/functions')
const IN_A_BROWSER = 'supaqueue-api/page_script.ts'

test('edge code sends each body once', () => {
  const sending = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && file !== IN_A_BROWSER)
    .filter((file) =>
      /\bmethod(: '\w+')?,\s*headers\b[^}]*\bbody\b|\bmethod: '\w+',\s*headers: \{[^]{0,400}?\bbody\b/.test(
        readFileSync(join(root, file), 'utf8'),
      )
    )

  expect(sending).toHaveLength(4)
  expect(
    sending.filter((file) =>
      !/\bbody: (body === undefined \? undefined : )?once\(/.test(readFileSync(join(root, file), 'utf8'))
    ),
  ).toEqual([])
})

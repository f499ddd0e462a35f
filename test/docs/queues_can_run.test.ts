import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { blocksOf, pages, readPage, root } from '../support/markdown.ts'

// Whoever copies an example gets a queue that does something.

const makesQueue = /insert into supaqueue\.queue\b/
const givesWorkers = /supaqueue\.worker\b|set_concurrency|paused/

test('no example in the documentation makes a queue without workers', () => {
  const idle = pages.flatMap((page) =>
    blocksOf(readPage(page)).filter(({ code }) => makesQueue.test(code) && !givesWorkers.test(code))
      .map(({ line }) => `${page}:${line}`)
  )

  expect(idle).toEqual([])
})

test('nor does what the programs and the console propose', () => {
  const idle = ['scripts', 'console', 'supabase'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.(ts|tsx|html)$/.test(path) && !path.includes('node_modules'))
      .map((path) => join(folder, path))
  ).filter((path) => {
    const text = readFileSync(join(root, path), 'utf8')
    return makesQueue.test(text) && !givesWorkers.test(text)
  })

  expect(idle).toEqual([])
})

import { expect, test } from 'vitest'
import { useStage } from './support/stage.ts'

const stage = useStage()

// Whoever enqueues writes what others read here.
const HIDDEN = 'to \u202eknab\u202c\u200b and\u2066 \u0085\ufeff'
const UNSEEN = /[\u202e\u202c\u200b\u2066\u0085\ufeff]/

test('what cannot be seen, or would turn what is around it, is shown by its number wherever it stands', async () => {
  const queue = await stage.harness.queue({ name: `transfers ${HIDDEN}`, workers: 1 })
  const failed = await stage.harness.job(queue, { status: 'failed', payload: { [HIDDEN]: HIDDEN } })
  await stage.harness.update('job', failed, {
    error: HIDDEN,
    dedupe_key: HIDDEN,
    progress_note: HIDDEN,
    progress_percent: 5,
  })
  await stage.harness.db.query(`select supaqueue.pause($1, null, $2)`, [`transfers ${HIDDEN}`, HIDDEN])

  for (const path of ['/', '/jobs', `/jobs/${failed}`, '/failures']) {
    const page = await stage.open(path)
    await page.getByText('\\u202e').filter({ visible: true }).first().waitFor()
    const seen = await page.evaluate(() =>
      [
        document.title,
        document.body.innerText,
        ...[...document.querySelectorAll('[title],[aria-label]')].map((one) =>
          `${one.getAttribute('title')} ${one.getAttribute('aria-label')}`
        ),
      ].join('\n')
    )

    expect(seen).toContain('\\u202e')
    expect(seen).not.toMatch(UNSEEN)
  }
})

test('it is acted on under its own name', async () => {
  const page = await stage.open('/')
  const row = page.getByRole('row', { name: 'transfers' })
  await row.getByRole('button', { name: 'Resume' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Resume' }).click()
  await row.getByRole('button', { name: 'Pause' }).waitFor()

  const { rows } = await stage.harness.db.query(`select paused from supaqueue.queue`)
  expect(rows).toEqual([{ paused: false }])
})

import { expect, test } from 'vitest'
import { expectAccessible, useStage } from './support/stage.ts'

const stage = useStage()

test('says what to do while there is no hook', async () => {
  const page = await stage.open('/hooks')

  await page.getByText('No hook yet').waitFor()

  await expectAccessible(page)
})

test('shows what a hook captures, has made and could not do, switches it off and on, and stops its backfill', async () => {
  const { db } = stage.harness
  await stage.harness.queue({ name: 'thumbnails' })
  const owner = await stage.database.connect('owner')
  await owner.query(`
    create table public.photos (id integer primary key, path text);
    select supaqueue.on_change('public.photos', 'thumbnails', columns => '{path}', payload => 'keys');
    insert into public.photos values (1, 'a'), (2, 'b');
    select supaqueue.backfill('photos_thumbnails');
    select supaqueue_internal.note_hook_fault(id, '42703', 'column photos.kind does not exist') from supaqueue.hook`)
  await owner.end()
  const page = await stage.open('/hooks')
  const row = page.getByRole('row', { name: 'photos_thumbnails' })

  await row.getByText('public.photos').waitFor()
  await row.getByText('when path changed').waitFor()
  await row.getByText('2 jobs, 2 waiting').waitFor()
  await row.getByText('column photos.kind does not exist').waitFor()
  await row.getByText('running: 0 rows').waitFor()
  await expectAccessible(page)

  await row.getByRole('button', { name: 'Cancel' }).click()
  await row.getByText('cancelled: 0 rows').waitFor()
  await row.getByRole('button', { name: 'Switch off' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Reason').fill('seeding')
  await dialog.getByRole('button', { name: 'Switch off' }).click()
  await row.getByText(/^off since/).waitFor()
  await row.getByText(/: seeding$/).waitFor()
  expect((await db.query('select enabled from supaqueue.hook')).rows).toEqual([{ enabled: false }])

  await row.getByRole('button', { name: 'Switch on' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Switch on' }).click()
  await row.getByText(/^off since/).waitFor({ state: 'detached' })
  expect((await db.query('select enabled from supaqueue.hook')).rows).toEqual([{ enabled: true }])
})

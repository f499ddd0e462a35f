import { describe, expect, test } from 'vitest'
import { functionFiles } from '../../scripts/cli/database/files.ts'
import { instrument } from './instrument.ts'

const files = functionFiles()
const { sql, pauses } = instrument(files)
const labels = [...pauses.keys()]

/** What the step after the pause before this statement touches. */
const touched = (label: RegExp) => pauses.get(labels.find((each) => label.test(each))!)

describe('instrument', () => {
  test('changes nothing but that it pauses', () => {
    const without = sql.split('\n').filter((line) => !line.includes('interleaving.pause(')).join('\n')

    for (const file of files) {
      if (labels.some((label) => label.startsWith(`${file.name}+`))) expect(without).toContain(file.sql.trim())
    }
    expect(labels.length).toBeGreaterThan(40)
  })

  test.each([
    'ensure_run',
    'fall_asleep',
    'next_look',
    'lead',
    'has_other_leader',
    'wake',
    'hand_over',
    'claim',
    'due_jobs',
    'take_over',
    'report',
    'sweep',
    'process_jobs',
    'end_current_job',
    'supaqueue_turn',
    'on_job_ready',
    'on_worker_freed',
  ])('pauses in %s', (name) => {
    expect(labels.filter((label) => label.startsWith(`${name}+`))).not.toEqual([])
  })

  test('knows who tries the lock, who looks and who locks rows', () => {
    expect(touched(/^ensure_run.*pg_try_advisory_xact_lock_shared/)).toMatchObject({ lock: 'shared', locks: [] })
    expect(touched(/^fall_asleep.*pg_try_advisory_xact_lock\(/)).toMatchObject({ lock: 'exclusive', locks: [] })
    expect(touched(/^run_may_have_lock/)).toMatchObject({ lock: 'shared', locks: [] })
    expect(touched(/^supaqueue_turn.*into beat/)).toMatchObject({ reads: ['heartbeat'], locks: [] })
    expect(touched(/^lead.*select/)).toMatchObject({ reads: ['heartbeat'], locks: [] })
    expect(touched(/^lead.*update/)).toMatchObject({ locks: ['heartbeat'] })
    expect(touched(/^claim.*free_worker/)).toMatchObject({ locks: ['worker'] })
    expect(touched(/^report.*with/)).toMatchObject({ locks: ['current_job', 'job', 'worker'] })
    expect(touched(/^on_job_ready.*return/)).toEqual({ ends: true })
  })

  test('pauses before the clock is read where it decides which jobs are due', () => {
    expect(touched(/^fall_asleep.*clock_timestamp/)).toMatchObject({ clock: 'reads' })
    expect(touched(/^supaqueue_turn.*pairing/)).toMatchObject({ clock: 'reads' })
  })
})

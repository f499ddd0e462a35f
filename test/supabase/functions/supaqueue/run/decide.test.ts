import { describe, expect, test } from 'vitest'
import {
  compose,
  gathers,
  mayTurnBeside,
  mustBeAlone,
  next,
  pauseBefore,
} from '../../../../../supabase/functions/supaqueue/run/decide.ts'
import { readLimits } from '../../../../../supabase/functions/supaqueue/settings/limits.ts'
import type { Situation } from '../../../../../supabase/functions/supaqueue/run/state.ts'

const limits = readLimits({}).limits
const leads = { state: 'awake', leader: true } as const
const helps = { state: 'awake', leader: false } as const
const asleep = { state: 'asleep', leader: false } as const
const waits = { state: 'asleep', leader: true, back_in_ms: 7000 } as const
const leaves = { state: 'leave', leader: false } as const
const told = { hello: true, stop: false }
const toldAll = { hello: true, stop: true }

/** A run that leads its queue, has nothing to do, and took a turn just now. */
const at = (now: Partial<Situation> = {}): Situation => ({
  limits,
  heard: leads,
  told,
  share: 1,
  lost: false,
  lingers: true,
  unloading: false,
  nudged: false,
  hears: false,
  busy: 0,
  reports: 0,
  inHand: 0,
  ready: 0,
  jobsLeft: 2000,
  endsSoon: false,
  lastsMs: 30_000.5,
  quietMs: 0,
  turnAgoMs: 0,
  failures: 0,
  failingMs: 0,
  retryMs: 0,
  ...now,
})

const turn = { do: 'turn' }
const wait = (ms?: number) => ({ do: 'wait', ms })
const end = (reason: string) => ({ do: 'end', reason })
const beside = { room: 1 }

describe('what comes next', () => {
  test.each<[string, Partial<Situation>, unknown]>([
    ['the leader looks every 45 ms', {}, wait(45)],
    ['counted from the beginning of the last turn', { turnAgoMs: 30 }, wait(15)],
    ['at once when that is over', { turnAgoMs: 50 }, turn],
    ['half as long again once nothing has come for a tenth of a second', { quietMs: 100 }, wait(67.5)],
    ['not before anything may be begun', { heard: { ...leads, wait_ms: 300 } }, wait(300)],
    ['but often enough to stay the leader', { heard: { ...leads, wait_ms: 60_000 } }, wait(2000)],
    ['the leader looks while it has calls', { busy: 3 }, wait(45)],
    [
      'told when to look, a run that hears waits as long',
      { hears: true, heard: { ...leads, look_ms: 1000 } },
      wait(1000),
    ],
    ['and one that has become deaf does not', { heard: { ...leads, look_ms: 1000 } }, wait(45)],
    ['nudged, it looks at once', { nudged: true, hears: true, heard: { ...leads, look_ms: 1000 } }, turn],
    ['also while it has calls, and helps only', { nudged: true, heard: helps, busy: 3 }, turn],
    ['nudged when it was told to end, it looks once more', { nudged: true, heard: asleep }, turn],
    ['but not when it takes no more work', { nudged: true, closed: 'jobs', told: toldAll }, end('jobs')],
    ['no look while a turn is under way beside', { beside }, wait()],
    ['another run looks when its calls are done', { heard: helps }, wait(45)],
    ['and until then waits for them', { heard: helps, busy: 3 }, wait()],
    ['or until the database should be told of one', { heard: helps, busy: 3, tellIn: 7 }, wait(7)],
    ['which no turn does beside another', { heard: helps, busy: 3, tellIn: 7, beside }, wait()],
    ['a report that is due is a turn', { reports: 1, reportIn: 0 }, turn],
    ['one that comes later is waited for', { reports: 1, reportIn: 20 }, wait(20)],
    ['no longer than until the next look', { reports: 1, reportIn: 250 }, wait(45)],
    ['asleep, a run with calls waits for them', { heard: asleep, busy: 1 }, wait()],
    ['and one without ends', { heard: asleep }, end('asleep')],
    ['asleep until a job is due, it waits for that', { heard: waits, turnAgoMs: 1000 }, wait(6000)],
    ['and looks then', { heard: waits, turnAgoMs: 7001 }, turn],
    ['with calls, until they are done, if that is sooner', { heard: waits, busy: 1, reports: 1, reportIn: 0 }, turn],
    ['not when the isolate ends', { heard: waits, closed: 'unload' }, turn],
    ['then it ends', { heard: waits, closed: 'unload', told: toldAll }, end('unload')],
    ['told to leave, it ends', { heard: leaves }, end('leave')],
    ['not before its reports are in', { heard: leaves, reports: 1 }, wait()],
    ['nor before the turn beside is answered', { heard: leaves, beside }, wait()],
    ['closed, it says so at once', { closed: 'jobs', busy: 3 }, turn],
    ['then waits for its calls', { closed: 'jobs', told: toldAll, busy: 3 }, wait()],
    ['and ends for that reason', { closed: 'jobs', told: toldAll }, end('jobs')],
    ['told that it ends though it is not: it looks on', { told: toldAll }, wait(45)],
    ['a turn that failed is taken again', { failures: 1, retryMs: 80, busy: 3 }, turn],
    ['also by a run that was told to leave', { failures: 1, heard: leaves }, turn],
    ['with nothing in hand, for as long as a claim lasts', { failures: 9, failingMs: 15_000, closed: 'age' }, turn],
    ['and no longer', { failures: 9, failingMs: 15_001, closed: 'age' }, end('database away')],
    ['while it may take work, without end', { failures: 9, failingMs: 90_000 }, turn],
    ['with something in hand, while the isolate lives', { failures: 9, failingMs: 150_000, busy: 1 }, turn],
    ['and no longer, either', { failures: 9, failingMs: 150_001, busy: 1 }, end('database away')],
  ])('%s', (_, now, step) => {
    expect(next(at(now))).toEqual(step)
  })
})

describe('a turn that is due is held back', () => {
  test.each<[string, Partial<Situation>, number]>([
    ['not at all, when it looks', {}, 0],
    ['not at all, with few calls', { reports: 1, reportIn: 0, inHand: 19 }, 0],
    ['a moment, with many', { reports: 1, reportIn: 0, inHand: 20 }, limits.gather_ms / 2],
    ['not for reports that come later', { reports: 20, reportIn: 1, inHand: 20 }, 0],
    [
      'as long as a look, once it is said that the run ends',
      { reports: 1, reportIn: 0, told: toldAll },
      limits.poll_ms,
    ],
    ['not when the isolate ends', { reports: 40, reportIn: 0, told: toldAll, closed: 'unload' }, 0],
    [
      'as long as the backoff says, after one that failed',
      { reports: 40, reportIn: 0, failures: 2, retryMs: 170 },
      170,
    ],
  ])('%s', (_, now, ms) => {
    expect(pauseBefore(at(now))).toBe(ms)
  })
})

describe('a turn that is due waits for more results', () => {
  const short = 4 * limits.gather_ms

  test.each<[string, Partial<Situation>, boolean]>([
    ['not for anything but a report', { inHand: 10, ready: 0, callMs: 1 }, false],
    ['while less than half of what the run has is back', { inHand: 10, ready: 4, callMs: 1 }, true],
    ['no longer once half is', { inHand: 10, ready: 5, callMs: 1 }, false],
    ['not with hardly any', { inHand: 3, ready: 1, callMs: 1 }, false],
    ['with a few whose calls are short', { inHand: 4, ready: 1, callMs: short }, true],
    ['not when they are long', { inHand: 19, ready: 1, callMs: short + 1 }, false],
    ['nor before it is known how long they are', { inHand: 19, ready: 1 }, false],
    ['not with many: it was held back', { inHand: 20, ready: 1, callMs: 1 }, false],
    ['not when there may be more work', { inHand: 10, ready: 1, callMs: 1, nudged: true }, false],
    ['not after one that failed', { inHand: 10, ready: 1, callMs: 1, failures: 1 }, false],
    ['not at the end', { inHand: 10, ready: 1, callMs: 1, closed: 'age' }, false],
  ])('%s', (_, now, whether) => {
    expect(gathers(at(now))).toBe(whether)
  })
})

describe('a second turn sets out beside the first', () => {
  const first = { room: 25, sleepy: false }

  test.each<[string, Partial<Situation>, boolean]>([
    ['when the run would stand idle', { turn: first }, true],
    ['not without a first', {}, false],
    ['not beside one that may put the queue to sleep', { turn: { ...first, sleepy: true } }, false],
    ['not as a third', { turn: first, beside }, false],
    ['not while calls are under way', { turn: first, busy: 1 }, false],
    ['not before the first answer', { turn: first, told: { hello: false, stop: false } }, false],
    ['not when an answer was lost', { turn: first, lost: true }, false],
    ['not at the end', { turn: first, closed: 'age' }, false],
    ['nor near it', { turn: first, endsSoon: true }, false],
  ])('%s', (_, now, may) => {
    expect(mayTurnBeside(at(now))).toBe(may)
  })

  test.each<[string, Partial<Situation>, boolean]>([
    ['the next one waits for none', {}, false],
    ['but one that says what the run holds', { lost: true }, true],
    ['that it ends', { closed: 'age' }, true],
    ['or that it will', { endsSoon: true }, true],
  ])('%s', (_, now, alone) => {
    expect(mustBeAlone(at(now))).toBe(alone)
  })
})

describe('what a turn asks', () => {
  const cargo = { run: 'r', queue: 'q', reports: [], called: ['c'], tokens: ['a', 'b'], turns: 1 }
  const report = { token: 'a', outcome: 'success' } as const
  const old = { turn: { room: 20, sleepy: false }, beside: { room: 3 } }

  test.each<[string, Partial<Situation>, Record<string, unknown>]>([
    ['room for as many calls as are missing', { busy: 5 }, { room: 20 }],
    ['less what is promised to turns under way', old, { room: 2 }],
    ['no more than the budget has left', { jobsLeft: 7 }, { room: 7 }],
    ['and that less what is promised', { jobsLeft: 24, ...old }, { room: 1 }],
    ['no room below zero', { busy: 30 }, { room: 0 }],
    ['half of everything after one that was refused', { share: 0.5 }, { room: 13, max_bytes: 2_000_000 }],
    ['at least one job and 64 kB', { share: 1 / 256 }, { room: 1, max_bytes: 65_536 }],
    ['to sleep once nothing has come for the linger time', { quietMs: 2000 }, { sleepy: true }],
    ['not a moment before', { quietMs: 1999 }, { sleepy: false }],
    ['and then says how long it can wait', { quietMs: 2000 }, { back_in_ms: 30_000 }],
    ['at once after a planned job', { lingers: false }, { sleepy: true, back_in_ms: 30_000 }],
    ['not after one that another run took', { lingers: false, heard: helps }, { sleepy: false }],
    [
      'how long it can wait with the first turn, too, but not to sleep',
      { told: { hello: false, stop: false } },
      { sleepy: false, back_in_ms: 30_000 },
    ],
    ['not when another leads', { quietMs: 2000, heard: helps }, { sleepy: false }],
    ['not beside another turn', { quietMs: 2000, beside }, { sleepy: false }],
    ['not when it is over', { quietMs: 2000, closed: 'age' }, { sleepy: false, stop: true }],
    ['nor near the end', { quietMs: 2000, endsSoon: true }, { sleepy: false, retire: true }],
    ['a successor near the end', { endsSoon: true }, { retire: true, stop: false }],
    ['not once it ends', { endsSoon: true, closed: 'age' }, { retire: false, stop: true }],
    ['what came of a lost answer', { lost: true }, { have: ['a', 'b'] }],
    ['nothing of what it has, otherwise', {}, { have: null, called: ['c'], run: 'r', queue: 'q' }],
    ['the settings once', { told: { hello: false, stop: false } }, { hello: true }],
    ['and no more', {}, { hello: false }],
  ])('%s', (_, now, asked) => {
    expect(compose(at(now), cargo)).toMatchObject(asked)
  })

  test('reports go along, and a queue with news does not sleep', () => {
    expect(compose(at({ quietMs: 2000 }), { ...cargo, reports: [report] }))
      .toMatchObject({ reports: [report], sleepy: false })
  })
})

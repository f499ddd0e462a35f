import { rehearsals } from './rehearsals.ts'
import { twoByHand } from './scenarios/by_hand.ts'
import { setStage } from './stage.ts'

// A foreign key follows in the same statement: stop between the row that is deleted and those that go with it.
rehearsals(twoByHand, async () => {
  const stage = await setStage()
  for (const table of ['queue', 'worker', 'job']) {
    const label = `delete from ${table}, its row locked`
    await stage.conductor.query(`
      create function interleaving.on_${table}_locked() returns trigger language plpgsql as $$
      begin
        perform interleaving.pause('${label}');
        return old;
      end $$;
      create trigger zz_locked before delete on supaqueue.${table}
        for each row execute function interleaving.on_${table}_locked()`)
    stage.pauses.set(label, { all: true })
  }
  return stage
})

import { type Unit, unitSchemas } from './units.ts'

type Query = <Row>(sql: string, values?: unknown[]) => Promise<Row[]>
type Entry = { path: string; kind: string; checksum: string; fingerprint: string }

/**
 * Which units are not in the database as they stand here: another text was applied, or somebody has changed since what
 * it had made. What is whole is left alone, so that an upgrade locks no table whose triggers stay what they are.
 */
export async function differing(query: Query, units: Unit[]): Promise<Unit[]> {
  const [ledger] = await query<{ exists: boolean }>(
    `select to_regclass('supaqueue.applied_file') is not null as exists`,
  )
  if (!ledger?.exists) return units
  const entries = await query<Entry>('select path, kind, checksum, fingerprint from supaqueue.applied_file')
  const known = new Map(entries.map((entry) => [keyOf(entry), entry]))
  const found = await fingerprints(query, units)
  return units.filter((unit) => {
    const entry = known.get(keyOf(unit))
    return entry?.checksum !== unit.checksum || entry.fingerprint !== (found.get(keyOf(unit)) ?? '')
  })
}

/** Units of which another text was applied than stands here. Those that nobody has written down are not among them. */
export async function outdated(query: Query, units: Unit[]): Promise<Unit[]> {
  const [ledger] = await query<{ exists: boolean }>(
    `select to_regclass('supaqueue.applied_file') is not null as exists`,
  )
  if (!ledger?.exists) return []
  const entries = await query<Entry>('select path, kind, checksum, fingerprint from supaqueue.applied_file')
  if (entries.length === 0) return []
  const known = new Map(entries.map((entry) => [keyOf(entry), entry.checksum]))
  return units.filter((unit) => known.get(keyOf(unit)) !== unit.checksum)
}

/** Writes down what they look like now. */
export async function writeDown(query: Query, units: Unit[]): Promise<void> {
  const found = await fingerprints(query, units)
  const entries = units.map((unit) => ({
    path: unit.path,
    kind: unit.kind,
    checksum: unit.checksum,
    fingerprint: found.get(keyOf(unit)) ?? '',
  }))
  await query(
    `with entry as (
       select path, kind, checksum, fingerprint
       from jsonb_to_recordset($1::jsonb) as entry (path text, kind text, checksum text, fingerprint text)
     )
     insert into supaqueue.applied_file as known (path, kind, checksum, fingerprint)
     select path, kind, checksum, fingerprint from entry
     on conflict (path, kind) do update
     set checksum = excluded.checksum, fingerprint = excluded.fingerprint, applied_at = now()
     where (known.checksum, known.fingerprint) is distinct from (excluded.checksum, excluded.fingerprint)`,
    [JSON.stringify(entries)],
  )
}

/** Strikes out what no file makes any more. */
export async function forget(query: Query, units: Unit[]): Promise<void> {
  await query('delete from supaqueue.applied_file where path || $1 || kind <> all ($2)', [' ', units.map(keyOf)])
}

const keyOf = ({ path, kind }: { path: string; kind: string }): string => `${path} ${kind}`

/** What is there of each unit, in a few characters. Rights and owners count; what follows the open doors does not. */
async function fingerprints(query: Query, units: Unit[]): Promise<Map<string, string>> {
  const rows = await query<{ path: string; kind: string; fingerprint: string }>(
    `with unit as (
       select path, kind, name, kept
       from jsonb_to_recordset($1::jsonb) as unit (path text, kind text, name text, kept boolean)
     ),
     room as (
       select oid, nspname, nspacl from pg_namespace where nspname = any ($2)
     ),
     thing as (
       select unit.path, unit.kind, concat_ws('|', pg_get_functiondef(p.oid), p.proowner::regrole,
         case when not unit.kept then p.proacl::text end, obj_description(p.oid, 'pg_proc')) as text
       from unit
       join pg_proc as p on p.proname = unit.name and p.prokind in ('f', 'p')
       join room on room.oid = p.pronamespace
       where unit.kind = 'function'
       union all
       select unit.path, unit.kind, concat_ws('|', pg_get_viewdef(c.oid), c.relowner::regrole, c.relacl, c.reloptions,
         obj_description(c.oid, 'pg_class'))
       from unit
       join pg_class as c on c.relname = unit.name and c.relkind = 'v'
       join room on room.oid = c.relnamespace
       where unit.kind = 'view'
       union all
       select unit.path, unit.kind, concat_ws('|', pg_get_triggerdef(t.oid), t.tgenabled)
       from unit
       join pg_proc as p on p.proname = unit.name
       join room on room.oid = p.pronamespace
       join pg_trigger as t on t.tgfoid = p.oid and not t.tgisinternal
       where unit.kind = 'trigger' and not unit.kept
       union all
       select unit.path, unit.kind, concat_ws('|', room.nspacl, obj_description(room.oid, 'pg_namespace'))
       from unit
       join room on room.nspname = unit.name
       where unit.kind = 'schema'
       union all
       select unit.path, unit.kind, concat_ws('|', c.relname, c.relacl, c.relrowsecurity, obj_description(c.oid, 'pg_class'))
       from unit
       join pg_class as c on starts_with(c.relname, unit.name || '_') and c.relkind = 'r'
       join room on room.oid = c.relnamespace
       where unit.kind = 'schema'
     )
     select path, kind, md5(string_agg(text, e'\\n' order by text collate "C")) as fingerprint
     from thing
     group by path, kind`,
    [JSON.stringify(units.map(({ path, kind, name, kept }) => ({ path, kind, name, kept }))), unitSchemas()],
  )
  return new Map(rows.map((row) => [keyOf(row), row.fingerprint]))
}

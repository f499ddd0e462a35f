import pg from 'pg'

const outside = `n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'`

// Each gives one column of text per thing, in an order of its own.
const questions = [
  `select format('schema %s %s %s %s', n.nspname, n.nspowner::regrole, n.nspacl, obj_description(n.oid)) from pg_namespace as n
   where ${outside}`,
  `select format('relation %s %s %s %s %s %s %s', n.nspname, c.relname, c.relkind, c.relowner::regrole, c.relacl,
     c.reloptions, obj_description(c.oid, 'pg_class'))
   from pg_class as c join pg_namespace as n on n.oid = c.relnamespace where ${outside}`,
  `select format('column %s.%s %s %s %s %s', c.oid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
     pg_get_expr(d.adbin, d.adrelid), a.attacl)
   from pg_attribute as a join pg_class as c on c.oid = a.attrelid join pg_namespace as n on n.oid = c.relnamespace
   left join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
   where a.attnum > 0 and not a.attisdropped and ${outside}`,
  `select format('function %s %s %s', pg_get_functiondef(p.oid), p.proowner::regrole,
     array(select acl::text from unnest(p.proacl) as acl order by 1))
   from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace where p.prokind in ('f', 'p') and ${outside}`,
  `select format('%s %s', pg_get_triggerdef(t.oid), t.tgenabled) from pg_trigger as t where not t.tgisinternal`,
  `select format('%s %s %s', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid))
   from pg_constraint as k join pg_namespace as n on n.oid = k.connamespace where ${outside}`,
  `select pg_get_indexdef(i.indexrelid) from pg_index as i join pg_class as c on c.oid = i.indexrelid
   join pg_namespace as n on n.oid = c.relnamespace where ${outside}`,
  `select format('view %s %s', c.oid::regclass, pg_get_viewdef(c.oid)) from pg_class as c
   join pg_namespace as n on n.oid = c.relnamespace where c.relkind = 'v' and ${outside}`,
  `select format('type %s %s %s', n.nspname, t.typname, t.typacl) from pg_type as t
   join pg_namespace as n on n.oid = t.typnamespace where ${outside}`,
  `select format('extension %s %s %s', extname, extversion, obj_description(oid, 'pg_extension')) from pg_extension`,
  `select format('policy %s', p) from pg_policies as p`,
  `select format('default %s %s %s %s', defaclrole::regrole, defaclnamespace::regnamespace, defaclobjtype, defaclacl)
   from pg_default_acl`,
  // Those of this database, and those of all: tests beside this one set them for their own.
  `select format('role setting %s %s %s', setdatabase, setrole::regrole, setconfig) from pg_db_role_setting
   where setdatabase in (0, (select oid from pg_database where datname = current_database()))`,
  `select format('event trigger %s', evtname) from pg_event_trigger`,
  `select format('cron %s %s %s %s', jobname, schedule, command, active) from cron.job`,
  `select format('vault %s %s', name, description) from vault.secrets`,
  `select format('request %s', url) from net.http_request_queue`,
]

/** Everything that a dump of the database's schema would tell, and what its extensions keep for us; one line each, sorted. */
export async function inventory(adminUrl: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: adminUrl })
  await client.connect()
  try {
    const lines: string[] = []
    for (const text of questions) {
      const { rows } = await client.query({ text, rowMode: 'array' })
      lines.push(...rows.map(([line]) => String(line)))
    }
    return lines.sort()
  } finally {
    await client.end()
  }
}

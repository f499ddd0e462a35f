import type { Options } from './options.ts'

/** What a scenario is given. `say` tells whoever waits how far it is. */
export type Bench = { options: Options; say: (line: string) => void }

/** A table to print: one text for each column in each row. */
export type Table = { title: string; columns: string[]; rows: string[][]; notes: string[] }

/** A goal next to what was reached. `held` is undefined where this run cannot tell. */
export type Target = { claim: string; reached: string; held: boolean | undefined }

/** What a scenario found out. `samples` are the raw figures behind the tables, for whoever reads the results by program. */
export type Finding = { tables: Table[]; targets: Target[]; samples: unknown }

export type Scenario = {
  name: string
  /** One line for --help: what is measured. */
  about: string
  measure(bench: Bench): Promise<Finding>
}

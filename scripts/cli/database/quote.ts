import pg from 'pg'

/**
 * A value as SQL has it. Whatever becomes part of a statement and cannot be bound as a parameter goes through this or
 * through `identifier`.
 */
export const literal = (value: string): string => pg.escapeLiteral(value).trimStart()

/** A name as SQL has it: of a schema, a table, a role. One part of it; parts of a path are quoted one by one. */
export const identifier = (name: string): string => pg.escapeIdentifier(name)

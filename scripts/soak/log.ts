/** So that each line of the server's log names its SQLSTATE. To be given to a server as setting. */
export const logLinePrefix = '%m [%p] %e '

/** The lines of what must never be in the server's log: deadlocks, serialization errors, and warnings of our own. */
export const accidentsIn = (log: string): string[] =>
  log.split('\n').filter((line) => / (40P01|40001|SQ\d{3}) (ERROR|WARNING|FATAL):/.test(line))

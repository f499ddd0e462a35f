const forAll = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  search_path: '"$user", public, extensions',
  statement_timeout: '2min',
  timezone: 'UTC',
  log_timezone: 'UTC',
}

// A throw-away cluster need not survive a power cut. Commits stay synchronous: what a client sees as committed must
// survive a crash of the server, which is what the tests provoke.
const forThrowAway = { fsync: 'off', full_page_writes: 'off' }

/** The server's settings; those that were asked for win. */
export const serverSettings = (throwAway: boolean, wanted: Record<string, string> = {}): Record<string, string> => ({
  ...forAll,
  ...(throwAway ? forThrowAway : {}),
  ...wanted,
})

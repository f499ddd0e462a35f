import { equalsFresh, releases, test } from './support/releases.ts'

// Those between the oldest and the newest, which apply.test.ts tries.
test.for(releases.slice(1, -2))(
  'over a release that had only the first %i migrations, before %s, equals a fresh installation',
  equalsFresh,
)

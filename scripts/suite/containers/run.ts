import { spawnSync } from 'node:child_process'
import { printError } from '../../cli/terminal/print.ts'
import { hasEngine, haveImage } from './image.ts'

// pnpm test:containers [--if-available]: the walk, install and remove against PostgreSQL in a container.

const say = printError

if (hasEngine()) {
  const image = haveImage(process.env.SUPAQUEUE_TEST_IMAGE, say)
  say(`The tests in a container run on ${image}.`)
  const { status } = spawnSync('vitest', ['run', '--config', 'vitest.containers.config.ts'], {
    stdio: 'inherit',
    // Ryuk would have to be pulled, too; the tests stop their container themselves, which is in the network of this machine.
    env: {
      ...process.env,
      SUPAQUEUE_TEST_IMAGE: image,
      TESTCONTAINERS_RYUK_DISABLED: 'true',
      TESTCONTAINERS_HOST_OVERRIDE: '127.0.0.1',
    },
  })
  process.exitCode = status ?? 1
} else {
  say('LEFT OUT: the tests in a container. There is no Docker engine to talk to (docker version).')
  process.exitCode = process.argv.includes('--if-available') ? 0 : 1
}

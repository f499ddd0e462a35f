#!/usr/bin/env node
// Nothing newer than what it asks about: an old Node must understand this file.
const version = process.versions.node.split('.').map(Number)

if (version[0] < 20 || (version[0] === 20 && version[1] < 19)) {
  console.error('supaqueue needs Node 20.19 or later, and this is ' + process.versions.node + '.')
  process.exitCode = 2
} else {
  import('./cli.js')
}

import { expect, test } from 'vitest'
import { FactList, IDLE, MEMORY, refusalOf } from '#redline/audit/scan/key-facts.js'

test.each([
  // As Redis 6.0, 7.0, 7.2 and Valkey word them.
  ['NOPERM this user has no permissions to access one of the keys used as arguments', 'denied'],
  ['NOPERM No permissions to access a key', 'denied'],
  ["NOPERM this user has no permissions to run the 'memory' command or its subcommand", 'command'],
  ["NOPERM User few has no permissions to run the 'memory|usage' command", 'command'],
  ["ERR unknown command 'MEMORY', with args beginning with: 'USAGE' 'a' ", 'command'],
  ['ERR An LFU maxmemory policy is selected, idle time not tracked. Please note ...', 'command'],
  ['MOVED 3999 127.0.0.1:6381', 'elsewhere'],
  ['ASK 3999 127.0.0.1:6381', 'elsewhere'],
  ['TRYAGAIN Multiple keys request during rehashing of slot', 'elsewhere'],
  ['CLUSTERDOWN Hash slot not served', 'elsewhere'],
  ['CLUSTERDOWN The cluster is down', 'server'],
  ['LOADING Redis is loading the dataset in memory', 'server'],
  ["MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", 'server'],
  ['BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.', 'server'],
  ['NOAUTH Authentication required.', 'server'],
  ['', 'command'],
])('%s: %s', (error, means) => {
  expect(refusalOf(error)).toBe(means)
})

test('a fact that is refused is asked no more, and its reason is told once', () => {
  const facts = new FactList('idletime')
  const before = facts.asked
  facts.refuse(IDLE, 'first')
  facts.refuse(IDLE, 'second')
  expect(facts.refused).toEqual([{ command: 'OBJECT IDLETIME', why: 'first' }])
  expect(facts.asked).not.toContain(IDLE)
  expect(facts.asked).toContain(MEMORY)
  // Batches that are under way end with the list that they began with.
  expect(before).toContain(IDLE)
  expect(new FactList('none').asked).toEqual(facts.asked)
})

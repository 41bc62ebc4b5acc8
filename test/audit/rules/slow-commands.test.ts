import { expect, test } from 'vitest'
import { grouped, occurrences, senders, slowestMs, slowLately } from '#redline/audit/rules/slow-commands.js'
import { slowCommand } from '../../support/facts.js'

const NOW = 1_790_000_000
const at = (...ages: number[]) => ages.map((age) => slowCommand({ at: NOW - age }))

test('how often and when last', () => {
  expect(occurrences(at(300), NOW)).toBe('once, 5m ago')
  expect(occurrences(at(300, 7500, 60), NOW)).toBe('3 times within 2h 4m, last 1m ago')
  // Several within one second, and a clock that is behind the server's.
  expect(occurrences(at(60, 60), NOW)).toBe('2 times within 1s, last 1m ago')
  expect(occurrences(at(-5, -2), NOW)).toBe('2 times within 3s, last just now')
})

test('who sent them: by name with an address, by host, or a script', () => {
  const from = (client: string, clientName = '') => slowCommand({ client, clientName })
  expect(senders([])).toBeUndefined()
  expect(senders([from('10.0.0.7:5000', 'web'), from('10.0.0.8:5000', 'web')])).toBe('web (10.0.0.7:5000)')
  expect(senders([from('10.0.0.7:5000'), from('10.0.0.7:5001'), from('[::1]:9')])).toBe('10.0.0.7 and [::1]')
  expect(senders([from('?:0'), from('')])).toBe('a script')
})

test('only what was slow and is recent', () => {
  const entries = [slowCommand({ id: 1, microseconds: 9999, at: NOW }), slowCommand({ id: 2, microseconds: 10_000, at: NOW - 60 })]
  expect(slowLately(entries, NOW, { slow: 10, within: 60_000 }).map(({ id }) => id)).toEqual([2])
  expect(slowLately(entries, NOW, { slow: 0, within: 59_000 }).map(({ id }) => id)).toEqual([1])
})

test('a log of very many entries is no problem', () => {
  const entries = Array.from({ length: 300_000 }, (_, id) => slowCommand({ id, microseconds: id, at: NOW - id }))
  expect(slowestMs(entries)).toBe(299.999)
  expect(occurrences(entries, NOW)).toBe('300k times within 3d 11h, last just now')
  expect(grouped(entries, ({ id }) => (id % 2 === 0 ? 'even' : undefined)).get('even')).toHaveLength(150_000)
})

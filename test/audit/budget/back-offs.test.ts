import { expect, test } from 'vitest'
import { BackOffs, formatLatency } from '#redline/audit/budget/back-offs.js'

test('back-offs are counted, and told with how often and how bad', () => {
  const backOffs = new BackOffs()
  backOffs.add('slowed down because p99 rose', 0.31)
  backOffs.add('paused because the server answers LOADING')
  backOffs.add('slowed down because p99 rose', 2.14)
  backOffs.note('went on at its former pace')
  backOffs.add('paused because a probe was late', 1234)
  expect(backOffs.count).toBe(4)
  expect(backOffs.timesOf('slowed down because p99 rose')).toBe(2)
  expect(backOffs.timesOf('never')).toBe(0)
  expect(backOffs.reasons).toEqual([
    'slowed down because p99 rose (2 times, up to 2.1ms)',
    'paused because the server answers LOADING',
    'went on at its former pace',
    'paused because a probe was late (1.23s)',
  ])
})

test.each([
  [0.0314, '0.031ms'],
  [1.26, '1.3ms'],
  [119.7, '120ms'],
])('a latency of %s ms is shown as %s', (ms, text) => {
  expect(formatLatency(ms)).toBe(text)
})

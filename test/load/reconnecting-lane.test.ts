import { expect, test, vi } from 'vitest'
import type { Lane } from '#redline/load/lanes/lane.js'
import { ReconnectingLane } from '#redline/load/lanes/reconnecting-lane.js'

/** A lane whose replies and end are the test's. */
class FakeLane implements Lane {
  onReplies: Lane['onReplies'] = () => undefined
  onLost: Lane['onLost'] = () => undefined
  isOpen = true
  readonly errors = new Map<string, number>()
  readonly sent: number[] = []

  send(count: number): void {
    this.sent.push(count)
  }

  close(): void {
    this.isOpen = false
  }
}

const setUp = (reopen: () => Promise<Lane>) => {
  const first = new FakeLane()
  const lane = new ReconnectingLane(first, reopen)
  const replies: number[] = []
  lane.onReplies = (count) => replies.push(count)
  return { first, lane, replies }
}

test('what was under way is answered with the loss, and what is sent meanwhile waits for the next connection', async () => {
  const second = new FakeLane()
  let attempts = 0
  const { first, lane, replies } = setUp(() => (++attempts < 3 ? Promise.reject(new Error('refused')) : Promise.resolve(second)))
  lane.send(5)
  first.onReplies(2, 0)
  first.onLost(new Error('cut'))
  expect(replies).toEqual([2, 3])
  expect(Object.fromEntries(lane.errors)).toEqual({ cut: 3 })
  lane.send(4)
  await vi.waitFor(() => expect(second.sent).toEqual([4]))
  expect(attempts).toBe(3)
  second.onReplies(4, 0)
  expect(replies).toEqual([2, 3, 4])
  expect(lane.isOpen).toBe(true)
})

test('error replies of all its connections add up', async () => {
  const second = new FakeLane()
  const { first, lane } = setUp(() => Promise.resolve(second))
  lane.send(1)
  first.errors.set('OOM', 1)
  first.onReplies(1, 0)
  first.onLost(new Error('cut'))
  lane.send(2)
  await vi.waitFor(() => expect(second.sent).toEqual([2]))
  second.errors.set('OOM', 2)
  second.onReplies(2, 0)
  expect(Object.fromEntries(lane.errors)).toEqual({ OOM: 3 })
})

test('one that was closed opens no connection any more, and closes the one that comes late', async () => {
  let give: (lane: Lane) => void = () => undefined
  const { first, lane } = setUp(() => new Promise((resolve) => (give = resolve)))
  first.onLost(new Error('cut'))
  lane.close()
  const late = new FakeLane()
  give(late)
  await vi.waitFor(() => expect(late.isOpen).toBe(false))
  expect(lane.isOpen).toBe(false)
})

import { Worker } from 'node:worker_threads'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { systemClock } from '#redline/core/clock.js'

test('the clock is monotonic and near the wall clock', () => {
  const times = Array.from({ length: 1000 }, () => systemClock.now())
  expect(times).toEqual(times.toSorted((a, b) => a - b))
  expect(Math.abs(systemClock.date().getTime() - Date.now())).toBeLessThan(1000)
})

test('a reading in another thread lies between two readings around it', async () => {
  const clock = new URL('../../dist/core/clock.js', import.meta.url).href
  const before = systemClock.now()
  const worker = new Worker(
    `import(${JSON.stringify(clock)}).then(({ systemClock }) => require('node:worker_threads').parentPort.postMessage(systemClock.now()))`,
    { eval: true },
  )
  try {
    const [there]: unknown[] = await once(worker, 'message')
    expect(there).toBeGreaterThan(before - 1)
    expect(there).toBeLessThan(systemClock.now() + 1)
  } finally {
    await worker.terminate()
  }
})

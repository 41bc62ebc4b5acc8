import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LeaseReferee } from '#redline/workloads/lock-lease.js'
import { availableEngines, startServer, type TestServer } from '../support/servers.js'
import { roundOf } from '../support/workloads.js'

describe('the referee', () => {
  test('counts a holder that begins while another is at work, and no other', () => {
    const referee = new LeaseReferee(false)
    const first = referee.acquired(0)
    referee.leaves(first)
    const second = referee.acquired(0)
    const third = referee.acquired(0)
    referee.leaves(second)
    referee.leaves(third)
    expect(referee.counted).toMatchObject({ acquired: 3, overlaps: 1 })
  })

  test('counts a write that comes after one of a later holder', () => {
    const referee = new LeaseReferee(false)
    const [slow, quick] = [referee.acquired(0), referee.acquired(0)]
    referee.write(quick)
    referee.write(slow)
    referee.write(referee.acquired(0))
    expect(referee.counted).toMatchObject({ stale_writes: 1 })
  })

  test('refuses it where the resource checks fencing tokens', () => {
    const referee = new LeaseReferee(true)
    const [slow, quick] = [referee.acquired(1), referee.acquired(2)]
    referee.write(quick)
    referee.write(slow)
    expect(referee.counted).toMatchObject({ stale_writes: 0 })
    expect(referee.refusedWrites).toBe(1)
  })

  test('forgets what happened in the warm-up', () => {
    const referee = new LeaseReferee(false)
    referee.foreignRelease()
    referee.leaves(referee.acquired(0))
    referee.begin()
    expect(referee.counted).toEqual({ acquired: 0, overlaps: 0, stale_writes: 0, foreign_releases: 0 })
  })
})

describe.each(availableEngines())('on %s', (engine) => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer({ engine })
  })
  afterAll(() => server.stop())

  const measure = (params: object) => roundOf(server.url, 'lock-lease', { locks: 4, ...params }, { connections: 32, duration: '1s' })

  test('whoever deletes without looking releases the locks of others; the script never does', async () => {
    expect((await measure({ release: 'del' })).measures['foreign_releases']).toBeGreaterThan(0)
    const { measures } = await measure({ release: 'script' })
    expect(measures['foreign_releases']).toBe(0)
    expect(measures['acquired']).toBeGreaterThan(20)
    expect(measures['overlaps']).toBeGreaterThan(0)
  })

  test('only a fencing token keeps late writes out', async () => {
    expect((await measure({ release: 'script' })).measures['stale_writes']).toBeGreaterThan(0)
    expect((await measure({ release: 'script', fencing: true })).measures['stale_writes']).toBe(0)
  })
})

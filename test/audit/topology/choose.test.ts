import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Candidate, chooseScan, MOST_LAG_SECONDS, type ReplicaState } from '#redline/audit/topology/choose.js'
import { clusterNodes } from '#redline/audit/topology/cluster-nodes.js'
import { peerOf } from '#redline/audit/topology/deployment.js'
import { parseAddress } from '#redline/wire/address.js'

const at = (port: number) => parseAddress(`redis://10.0.0.${port}:6379`, {})
const PRIMARY = { known: true as const, value: at(1) }
const replica = (port: number, state: Partial<ReplicaState> = {}): Candidate => ({
  address: at(port),
  state: { known: true, value: { loading: false, linkUp: true, lagSeconds: 1, related: true, ...state } },
})

describe('whose keys are read', () => {
  test('the replica that is least behind', () => {
    const shard = chooseScan(PRIMARY, [replica(2, { lagSeconds: 3 }), replica(3, { lagSeconds: 1 }), replica(4, { lagSeconds: 2 })], true)
    expect(shard).toMatchObject({ scan: at(3), role: 'replica', lagSeconds: 1, note: 'read from its replica 10.0.0.3:6379, 1 s behind' })
  })

  test.each<[Partial<ReplicaState>, string]>([
    [{ lagSeconds: MOST_LAG_SECONDS + 1 }, 'is 11 s behind'],
    [{ loading: true }, 'is still loading its data'],
    [{ linkUp: false }, 'has lost its primary'],
    [{ related: false }, 'is a replica of something else'],
  ])('not a replica with %j, but the primary, with the reason', (state, why) => {
    const shard = chooseScan(PRIMARY, [replica(2, state)], true)
    expect(shard).toMatchObject({
      scan: at(1),
      role: 'master',
      lagSeconds: null,
      note: `read from the primary: its replica 10.0.0.2:6379 ${why}`,
    })
  })

  test('a replica that is as far behind as may be', () => {
    expect(chooseScan(PRIMARY, [replica(2, { lagSeconds: MOST_LAG_SECONDS })], true).role).toBe('replica')
  })

  test('the primary when that is wanted, and there is nothing to say', () => {
    expect(chooseScan(PRIMARY, [replica(2)], false)).toMatchObject({ scan: at(1), role: 'master', note: undefined })
  })

  test('a replica, whatever is wanted, when the primary can not be reached', () => {
    const shard = chooseScan({ known: false, why: 'it is gone' }, [replica(2)], false)
    expect(shard).toMatchObject({
      primary: undefined,
      scan: at(2),
      role: 'replica',
      note: 'read from its replica 10.0.0.2:6379, 1 s behind (it is gone)',
    })
  })

  test("nobody's when nobody can be reached", () => {
    const shard = chooseScan({ known: false, why: 'it is gone' }, [{ address: at(2), state: { known: false, why: 'so is this' } }], true)
    expect(shard).toMatchObject({
      primary: undefined,
      scan: undefined,
      note: "not read: it is gone; its replica 10.0.0.2:6379 can't be used: so is this",
    })
  })
})

describe('the address of another server of a deployment', () => {
  test('has the credentials and encryption of the one that is known', () => {
    const known = parseAddress('rediss://app:secret@cache-1:6380', {})
    expect(peerOf(known, '10.0.0.2', 6379)).toEqual({ ...known, host: '10.0.0.2', port: 6379 })
  })

  test('is on the machine of the one that is known when that knows it by a loopback address', () => {
    expect(peerOf(parseAddress('redis://cache-1', {}), '127.0.0.1', 7000)).toMatchObject({ host: 'cache-1', port: 7000 })
    expect(peerOf(parseAddress('redis://localhost', {}), '127.0.0.1', 7000)).toMatchObject({ host: '127.0.0.1', port: 7000 })
    expect(peerOf(parseAddress('unix:///run/redis.sock', {}), '127.0.0.1', 7000)).toMatchObject({
      transport: 'tcp',
      host: '127.0.0.1',
      port: 7000,
      path: undefined,
    })
  })
})

describe('CLUSTER NODES', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((letter) => letter.repeat(40))

  test('tells who is there, who follows whom, and whose the slots are', () => {
    const text = [
      `${a} 10.0.0.1:6379@16379 myself,master - 0 0 1 connected 0-5460 5462 [93-<-${b}] [77->-${c}]`,
      `${b} 10.0.0.2:6379@16379,cache-2.example slave ${a} 0 1 1 connected`,
      `${c} [2001:db8::3]:6379@16379,,shard-id=${'0'.repeat(40)} master,fail - 0 1 2 disconnected 5461 5463-16383`,
      `${'d'.repeat(40)} :0@0 master,noaddr - 0 1 2 disconnected`,
      '',
    ].join('\n')
    expect(clusterNodes(text)).toMatchObject([
      {
        id: a,
        host: '10.0.0.1',
        hostname: '',
        port: 6379,
        flags: ['myself', 'master'],
        masterId: undefined,
        connected: true,
        slots: [
          [0, 5460],
          [5462, 5462],
        ],
        importing: [93],
      },
      { id: b, host: '10.0.0.2', hostname: 'cache-2.example', flags: ['slave'], masterId: a, slots: [] },
      {
        id: c,
        host: '2001:db8::3',
        hostname: '',
        flags: ['master', 'fail'],
        connected: false,
        slots: [
          [5461, 5461],
          [5463, 16383],
        ],
      },
      { host: '', port: 0, flags: ['master', 'noaddr'] },
    ])
  })

  test('of 6.0 and of a node that does not know its own address is read as well', () => {
    expect(clusterNodes(`${a} :6379@16379 myself,master - 0 0 0 connected\n`)).toMatchObject([{ host: '', port: 6379 }])
    expect(clusterNodes(`${a} 10.0.0.1:6379 myself,master - 0 0 0 connected\n`)).toMatchObject([{ host: '10.0.0.1', port: 6379 }])
  })

  test('never makes more slots than there are, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.array(fc.string({ unit: 'grapheme-ascii' })), (host, slots) => {
        const nodes = clusterNodes(`${a} ${host}:1@2 master - 0 0 0 connected ${slots.join(' ')} 0-99999999 9-3 16384`)
        for (const [from, to] of nodes.flatMap((node) => node.slots)) expect(0 <= from && from <= to && to < 16_384).toBe(true)
      }),
    )
  })
})

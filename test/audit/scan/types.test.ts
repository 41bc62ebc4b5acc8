import { once } from 'node:events'
import net from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Batch, DENIED, VANISHED } from '#redline/audit/scan/batch.js'
import { Types } from '#redline/audit/scan/types.js'
import { Words } from '#redline/audit/scan/words.js'
import { parseAddress } from '#redline/wire/address.js'
import { mixedKeys, monitored, run, scanAll, tally } from '../../support/scans.js'
import { availableEngines, startServer, type TestServer } from '../../support/servers.js'

/** Keys with these encodings; returns what tells their types, the batch, and the encodings of those that are to be asked. */
function chosen(encodings: readonly string[], { modules = false, refused = false } = {}) {
  const words = new Words()
  const types = new Types(words)
  types.begin(modules)
  if (refused) types.refused = 'NOPERM'
  const batch = new Batch()
  batch.begin([])
  for (const [key, encoding] of encodings.entries()) {
    batch.list(0, 0)
    batch.encodings[key] = words.idOfText(encoding)
  }
  return { types, batch, words, asks: types.choose(batch), untyped: batch.untyped.map((key) => encodings[key]) }
}

describe('the type of a key', () => {
  test('is told by its encoding where no other type has it', () => {
    const told = { int: 'string', embstr: 'string', raw: 'string', quicklist: 'list', intset: 'set', skiplist: 'zset', stream: 'stream' }
    const { batch, words, asks } = chosen(Object.keys(told))
    expect(Object.values(told)).toEqual(Object.values(told).map((_, key) => words.textOf(batch.types[key]!)))
    expect(asks).toBe(false)
  })

  test('is asked where several have it, or nobody knows it', () => {
    const open = ['listpack', 'ziplist', 'hashtable', 'what-comes-next', '']
    expect(chosen(['raw', ...open, 'int']).untyped).toEqual(open)
  })

  test('is asked of what looks like a long string where modules have types: all of theirs look so', () => {
    expect(chosen(['int', 'raw', 'embstr'], { modules: true }).untyped).toEqual(['raw'])
  })

  test('is not asked of keys that are gone or denied, nor where TYPE is refused', () => {
    expect(chosen(['listpack'], { refused: true }).asks).toBe(false)
    const { types, batch } = chosen(['listpack', 'listpack', 'listpack'])
    batch.untyped.length = 0
    batch.status[0] = VANISHED
    batch.status[2] = DENIED
    expect(types.choose(batch)).toBe(true)
    expect(batch.untyped).toEqual([1])
  })

  test.each([
    ['hash', 'listpack', 'listpack'],
    ['string', 'listpack', ''],
    ['zset', 'hashtable', ''],
    ['vectorset', 'raw', 'raw'],
    ['vectorset', 'hashtable', ''],
    ['hash', 'what-comes-next', 'what-comes-next'],
  ])('that is %s by now and had the encoding %s leaves it as "%s"', (type, encoding, left) => {
    const { types, batch, words } = chosen([encoding])
    types.take(batch, 0, words.idOfText(type))
    expect([words.textOf(batch.types[0]!), words.textOf(batch.encodings[0]!)]).toEqual([type, left])
  })

  test('that is none by now is that of a key that vanished', () => {
    const { types, batch, words } = chosen(['listpack'])
    types.take(batch, 0, words.idOfText('none'))
    expect(batch.status[0]).toBe(VANISHED)
  })
})

const KEYS = 1000

for (const engine of availableEngines()) {
  describe(`types of keys of ${engine}`, () => {
    let server: TestServer
    const as = (user: string) => server.url.replace('//', `//${user}:x@`)
    beforeAll(async () => {
      server = await startServer({ engine })
      await run(server.url, mixedKeys(KEYS))
      const user = (name: string, ...rights: string[]) => ['ACL', 'SETUSER', name, 'on', 'nopass', '~*', '+@all', ...rights]
      await run(server.url, [user('without-type', '-type'), user('without-encoding', '-object')])
    })
    afterAll(() => server.stop())
    const kinds = ({ records }: Awaited<ReturnType<typeof scanAll>>) => tally(records.map(({ type }) => type))
    const ALL = { string: 200, hash: 200, list: 200, set: 200, zset: 100, stream: 100 }

    test('are those that TYPE tells, and TYPE is asked only of some', async () => {
      let scanned: Awaited<ReturnType<typeof scanAll>> | undefined
      const commands = await monitored(server.url, async () => {
        scanned = await scanAll([server.url])
      })
      expect(kinds(scanned!)).toEqual(ALL)
      const counts = tally(commands)
      expect(counts['type']).toBeGreaterThan(0)
      expect(counts['type']).toBeLessThan(KEYS * 0.75)
      expect(counts['object encoding']).toBe(KEYS)
    })

    test('are all asked for where OBJECT ENCODING is refused', async () => {
      const scanned = await scanAll([as('without-encoding')])
      expect(kinds(scanned)).toEqual(ALL)
      expect(scanned.records.every(({ encoding }) => encoding === '')).toBe(true)
    })

    test('are known as far as encodings tell where TYPE is refused, which is reported once', async () => {
      const { records, report } = await scanAll([as('without-type')])
      expect(report.refused).toMatchObject([{ command: 'TYPE', why: expect.stringContaining('NOPERM') }])
      expect(records).toHaveLength(KEYS)
      expect(records.every(({ type, name }) => type === '' || type in ALL === !name.startsWith('hash:'))).toBe(true)
      expect(tally(records.map(({ type }) => type))).toMatchObject({ '': expect.any(Number), stream: 100 })
    })
  })
}

const WITH_MODULE = availableEngines().filter((engine) => engine === 'redis@8.0')
test.each(WITH_MODULE)('%s: the type of a module, whose encoding is that of a long string, is told', async (engine) => {
  const server = await startServer({ engine })
  try {
    const [added] = await run(server.url, [['VADD', 'vectors', 'VALUES', 2, 1, 1, 'a']])
    expect(added).toBe(1)
    await run(server.url, [['SET', 'long', 'x'.repeat(500)]])
    const { records } = await scanAll([server.url])
    expect(records).toHaveLength(2)
    expect(new Map(records.map(({ name, type, encoding }) => [name, [type, encoding]]))).toEqual(
      new Map([
        ['long', ['string', 'raw']],
        ['vectors', ['vectorset', 'raw']],
      ]),
    )
  } finally {
    await server.stop()
  }
})

test('a module that is loaded while keys are read makes the scan fail: what looked like strings may be its own', async () => {
  const server = await startServer({ engine: 'redis@7.0' })
  const relay = await withModuleLater(server.url)
  try {
    await run(server.url, mixedKeys(100))
    const { report } = await scanAll([relay.url])
    expect(report.complete).toBe(false)
    expect(report.failure).toMatchObject({ message: expect.stringMatching(/^a module was loaded into redis:\/\/127\.0\.0\.1:\d+ while/) })
    expect((await scanAll([server.url])).report.complete).toBe(true)
  } finally {
    relay.stop()
    await server.stop()
  }
})

const NONE = '# Modules\r\n'
const bulkOf = (text: string) => `$${text.length}\r\n${text}\r\n`

/** A relay to a server without modules, which from its second INFO modules on shows one. */
async function withModuleLater(url: string): Promise<{ url: string; stop(): void }> {
  let told = 0
  const relay = net.createServer((client) => {
    const { host, port } = parseAddress(url, {})
    const upstream = net.connect(port, host)
    client.on('error', () => upstream.destroy()).on('close', () => upstream.destroy())
    upstream.on('error', () => client.destroy()).on('close', () => client.destroy())
    client.pipe(upstream)
    upstream.on('data', (bytes) => {
      const text = bytes.toString('latin1')
      const shown = text.replace(bulkOf(NONE), (reply) => (told++ === 0 ? reply : bulkOf(`${NONE}module:name=json,ver=2\r\n`)))
      client.write(Buffer.from(shown, 'latin1'))
    })
  })
  relay.listen(0, '127.0.0.1')
  await once(relay, 'listening')
  const address = relay.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { url: `redis://127.0.0.1:${address.port}`, stop: () => relay.close() }
}

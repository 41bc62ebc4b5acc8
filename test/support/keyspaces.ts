import type { KeyspaceFacts } from '#redline/audit/facts.js'
import { Inventory } from '#redline/audit/inventory/inventory.js'
import { UNLIMITED } from '#redline/audit/scan/pace.js'
import { scanKeyspace } from '#redline/audit/scan/scan.js'
import { contractSchema } from '#redline/schema/project.js'
import { targetOf } from './scans.js'
import type { TestServer } from './servers.js'

/** What a scan and an inventory make of a server's database 0, all lengths included; contracts are written as in redline.config.yaml. */
export async function readKeyspace(
  server: Pick<TestServer, 'url'>,
  { contracts = [], sample }: { contracts?: unknown[]; sample?: number } = {},
): Promise<KeyspaceFacts> {
  const target = await targetOf(server.url, { shard: 0, databases: [0], cluster: false, pace: UNLIMITED })
  const inventory = new Inventory({
    contracts: contracts.map((contract) => contractSchema.parse(contract)),
    nowSeconds: Date.now() / 1000,
    mode: sample === undefined ? 'full' : 'sample',
    shards: [server.url],
    cluster: false,
  })
  const report = await scanKeyspace([target], inventory, {
    mode: sample === undefined ? { kind: 'full' } : { kind: 'sample', keys: sample },
    idle: 'idletime',
    lengths: 'all',
    seed: 1,
    signal: new AbortController().signal,
    connect: { timeoutMs: 5000, replyTimeoutMs: 10_000 },
  })
  const { complete, strata, lengths } = report
  return inventory.finish({ complete, strata, lengths, idleKnown: true })
}

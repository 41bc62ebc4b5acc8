import { readNode } from '#redline/audit/collectors/node.js'
import type { NodeSummary } from '#redline/audit/facts.js'
import { connect } from '../../../redis/connect.js'
import type { TestServer } from '../../../support/servers.js'

/** What an audit keeps of each server; servers of one list are one shard. */
export async function nodesOf(...shards: readonly (readonly TestServer[])[]): Promise<NodeSummary[]> {
  const nodes: NodeSummary[] = []
  for (const [shard, servers] of shards.entries()) {
    for (const { url, host, port } of servers) {
      const client = await connect(url)
      const { server, config } = await readNode(client)
      client.close()
      if (!server?.known || !config) throw new Error(`${url} does not tell what it is`)
      nodes.push({ address: `${host}:${port}`, shard, server: server.value, config })
    }
  }
  return nodes
}

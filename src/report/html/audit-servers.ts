import { formatBytes, formatDuration, formatNumber } from '../../core/units.js'
import type { AuditResult, NodeResult } from '../../schema/audit.js'
import { html, type Part } from './escape.js'
import { type Column, name, table } from './parts.js'

const MOST_SHOWN = 60

/** The servers behind the address, and of which the keys were read. */
export function serversBody({ target }: AuditResult): Part {
  if (target.nodes.length === 0) return html`<div class="card"><p>${name(target.name)}: files alone, no server was asked.</p></div>`
  const columns: Column<NodeResult>[] = [
    { title: 'Server', kind: 'row', cell: ({ address }) => name(address, 80) },
    { title: 'role', cell: ({ role }) => (role === 'master' ? 'primary' : role) },
    { title: 'version', cell: ({ engine, version }) => `${engine} ${version}` },
    { title: 'keys', kind: 'number', cell: ({ keys }) => formatNumber(keys) },
    {
      title: 'memory',
      kind: 'number',
      cell: ({ usedMemoryBytes, maxmemoryBytes }) =>
        maxmemoryBytes > 0
          ? `${formatBytes(usedMemoryBytes)} of ${formatBytes(maxmemoryBytes)}`
          : `${formatBytes(usedMemoryBytes)}, no limit`,
    },
    { title: 'policy', minor: true, cell: ({ maxmemoryPolicy }) => maxmemoryPolicy },
    {
      title: 'keys read',
      minor: true,
      cell: ({ scanned, lagSeconds }) =>
        scanned ? (lagSeconds === null ? 'yes' : `yes, ${formatDuration(lagSeconds * 1000)} behind`) : 'no',
    },
  ]
  return html`<div class="card">${table('Servers', columns, target.nodes, MOST_SHOWN)}</div>`
}

import { z } from 'zod'
import { countOption, shareOption } from '../../rule-options.js'
import { defineRule } from '../../rule.js'
import { counted, percent } from '../wording.js'

/** A host that opens most connections usually has one pool for each worker, or none at all. */
export const rule = defineRule({
  id: 'client/one-source',
  severity: 'note',
  summary: 'Most connections come from one address',
  needs: ['clients'],
  scope: 'node',
  options: z.strictObject({
    share: shareOption(0.5, 'share of all connections above which one address is reported'),
    connections: countOption(200, 'connections in all from which it is asked at all'),
  }),
  check({ clients }, { share, connections }) {
    const source = clients.sources[0]
    if (!source || clients.total < connections || source.connections <= share * clients.total) return []
    return [
      {
        about: 'connections',
        message: `${percent(source.connections / clients.total)} of ${clients.total} come from ${source.host} (${counted(source.connections, 'connection')})`,
        evidence: { host: source.host, connections: source.connections, of: clients.total, hosts: clients.sources.length },
        remedy: 'Share one pool for each process there, and size it by what runs at once, not by the number of requests.',
        commands: ['redis-cli CLIENT LIST'],
      },
    ]
  },
})

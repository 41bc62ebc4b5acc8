import { z } from 'zod'
import { countOption, shareOption } from '../../rule-options.js'
import { defineRule } from '../../rule.js'
import { percent } from '../wording.js'

/** When something goes wrong, nobody can tell which service a connection belongs to. */
export const rule = defineRule({
  id: 'client/unnamed',
  severity: 'note',
  summary: 'Most connections have no name',
  needs: ['clients'],
  scope: 'node',
  options: z.strictObject({
    share: shareOption(0.5, 'share of connections without a name above which it is noted'),
    connections: countOption(10, 'connections without a name from which it is noted'),
  }),
  check({ clients }, { share, connections }) {
    const unnamed = clients.total - clients.named
    if (unnamed === 0 || unnamed < connections || unnamed <= share * clients.total) return []
    return [
      {
        about: 'connections',
        message: `${unnamed} of ${clients.total} (${percent(unnamed / clients.total)}) have no name`,
        evidence: { unnamed, of: clients.total },
        remedy: 'Let every service name its connections when it opens them; most drivers have an option for it.',
        commands: ['CLIENT SETNAME checkout-api'],
      },
    ]
  },
})

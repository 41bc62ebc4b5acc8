import { z } from 'zod'
import type { ServerFacts } from '../../../redis/server-facts.js'
import { countOption } from '../../rule-options.js'
import { defineRule } from '../../rule.js'
import { shellWord } from '../commands.js'
import { counted, keyCount } from '../wording.js'

/** Nobody finds such keys: clients are sent to the owner of the slot. They take memory, and come back as old data when the slot does. */
export const rule = defineRule({
  id: 'cluster/orphan-keys',
  severity: 'warning',
  summary: 'A node holds keys of slots that belong to another',
  needs: ['cluster'],
  options: z.strictObject({ keys: countOption(1, 'keys from which a node is reported') }),
  inapplicable: (server: ServerFacts) => (server.topology === 'cluster' ? undefined : 'not a cluster'),
  check: ({ cluster: { orphans = [] } }, { keys }) =>
    [...new Set(orphans.map(({ address }) => address))].flatMap((address) => {
      const slots = orphans.filter((orphan) => orphan.address === address && orphan.keys > 0)
      const held = slots.reduce((sum, slot) => sum + slot.keys, 0)
      if (held === 0 || held < keys) return []
      const [first] = slots
      return [
        {
          about: `node ${address}`,
          message: `holds ${keyCount(held)} in ${counted(slots.length, 'slot')} that belong to other nodes`,
          evidence: { keys: held, slots: slots.length },
          remedy: 'A migration broke off, or slots were assigned by hand: let the tool finish it, after looking at what the keys are.',
          commands: [
            `redis-cli CLUSTER GETKEYSINSLOT ${first!.slot} 100`,
            `redis-cli --cluster check ${shellWord(address)}`,
            `redis-cli --cluster fix ${shellWord(address)}`,
          ],
        },
      ]
    }),
  blind: ({ cluster }) => (cluster.orphans ? undefined : { kind: 'not assessed', why: 'CLUSTER COUNTKEYSINSLOT was refused' }),
})

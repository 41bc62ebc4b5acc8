import { z } from 'zod'
import { shellWord } from '../commands.js'
import { defineRule } from '../../rule.js'
import { listed } from '../wording.js'

/** A failover can't choose a replica that the sentinels don't reach. */
export const rule = defineRule({
  id: 'sentinel/unreachable-replica',
  severity: 'warning',
  summary: 'Sentinels do not reach a replica',
  needs: ['sentinel'],
  options: z.strictObject({}),
  check: ({ sentinel }) =>
    sentinel.masters.flatMap((master) => {
      const lost = master.replicas.filter(({ reachable }) => !reachable).map(({ address }) => address)
      if (lost.length === 0) return []
      const all = lost.length === master.replicas.length
      return [
        {
          about: `primary ${master.name}`,
          message: `${what(lost.length, master.replicas.length)} (${listed(lost)})${all ? ': there is nothing to fail over to' : ''}`,
          evidence: { lost: lost.length, replicas: master.replicas.length },
          remedy:
            'Start the replica again. If it is gone for good, let every sentinel forget it, one after the other with half a minute between.',
          commands: [
            `redis-cli -p 26379 SENTINEL REPLICAS ${shellWord(master.name, 'primary')}`,
            `redis-cli -p 26379 SENTINEL RESET ${shellWord(master.name, 'primary')}`,
          ],
          severity: all ? ('error' as const) : ('warning' as const),
        },
      ]
    }),
})

function what(lost: number, of: number): string {
  if (lost < of) return `${lost} of ${of} replicas can't be reached`
  return of === 1 ? "its only replica can't be reached" : `none of its ${of} replicas can be reached`
}

import { z } from 'zod'
import type { AclFacts } from '../../facts.js'
import { countOption, shareOption } from '../../rule-options.js'
import { defineRule } from '../../rule.js'
import { counted, percent } from '../wording.js'

/** With one user for all, nobody can be limited, traced or locked out alone. */
export const rule = defineRule({
  id: 'sec/default-user',
  severity: 'warning',
  summary: 'Applications connect as the default user',
  needs: ['clients'],
  wants: ['acl'],
  scope: 'node',
  options: z.strictObject({
    connections: countOption(5, 'connections of the default user from which it is reported'),
    share: shareOption(0.1, 'share of all connections that they must be'),
  }),
  check({ clients, acl }, { connections, share }) {
    const used = clients.users.get('default') ?? 0
    if (used === 0 || used < connections || used < share * clients.total) return []
    const others = othersIn(acl)
    return [
      {
        about: 'user default',
        message: `is used by ${counted(used, 'connection')} of ${clients.total} (${percent(used / clients.total)})${
          others > 0 ? `, though there ${others === 1 ? 'is another user' : `are ${others} other users`}` : ''
        }`,
        evidence: { connections: used, of: clients.total, otherUsers: others },
        remedy: 'Give each application a user with the commands and keys that it needs, then switch the default user off.',
        commands: [
          "redis-cli ACL SETUSER app on '>a-long-random-password' resetkeys '~app:*' -@all +@read +@write +@connection -@dangerous",
          'redis-cli CLIENT LIST',
          'redis-cli ACL SETUSER default off',
        ],
        severity: others > 0 ? 'warning' : 'note',
      },
    ]
  },
})

/** Users beside `default`, as far as they can be read: who made some has begun to tell applications apart. */
function othersIn(acl: AclFacts | undefined): number {
  return acl?.users.filter(({ name, enabled }) => enabled && name !== 'default').length ?? 0
}

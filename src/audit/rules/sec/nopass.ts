import { z } from 'zod'
import type { ServerFacts } from '../../../redis/server-facts.js'
import type { Severity } from '../../../schema/audit.js'
import { mayDoAnything } from '../acl-grants.js'
import type { AclUser, ConfigFacts } from '../../facts.js'
import { defineRule } from '../../rule.js'
import { shellWord } from '../commands.js'
import { exposureOf, isProtected, listening } from '../exposure.js'

/** Whoever reaches the server is this user. How bad that is depends on who can reach it. */
export const rule = defineRule({
  id: 'sec/nopass',
  severity: 'error',
  summary: 'A user logs in without a password',
  needs: ['acl'],
  wants: ['config', 'server'],
  scope: 'node',
  options: z.strictObject({}),
  check: ({ acl, config, server }) =>
    acl.users
      .filter((user) => user.enabled && user.nopass && mayDoAnything(user))
      .map((user) => {
        const { severity, where } = reach(config, server)
        return {
          about: `user ${user.name}`,
          message: `${user.name === 'default' ? 'is everybody who connects: it has no password' : 'logs in with any password'}${where}`,
          evidence: { user: user.name, commands: user.commands, exposure: (config && exposureOf(config, server)) ?? 'unknown' },
          remedy: remedyFor(user),
          commands: commandsFor(user),
          severity,
          at: { user: user.name },
        }
      }),
})

function reach(config: ConfigFacts | undefined, server: ServerFacts | undefined): { severity: Severity; where: string } {
  const exposure = config && exposureOf(config, server)
  if (!config || exposure === undefined) return { severity: 'warning', where: '' }
  if (exposure === 'loopback') return { severity: 'note', where: `, on a server that listens ${listening(exposure)}` }
  if (isProtected(config, server)) return { severity: 'warning', where: ', and protected mode alone keeps other machines out' }
  return { severity: 'error', where: `, on a server that listens ${listening(exposure)}` }
}

function remedyFor({ name }: AclUser): string {
  return name === 'default'
    ? 'Give applications users of their own, then switch the default user off; or at least set requirepass.'
    : `Set a password for ${name}, or switch the user off.`
}

function commandsFor({ name }: AclUser): string[] {
  return name === 'default'
    ? [
        "redis-cli ACL SETUSER app on '>a-long-random-password' resetkeys '~app:*' -@all +@read +@write +@connection -@dangerous",
        'redis-cli ACL SETUSER default off',
      ]
    : [`redis-cli ACL SETUSER ${shellWord(name, 'user')} resetpass '>a-long-random-password'`]
}

import { z } from 'zod'
import type { AclLogEntry } from '../../facts.js'
import { countOption, durationOption } from '../../rule-options.js'
import { defineRule, type FindingDraft } from '../../rule.js'
import { formatDuration } from '../../../core/units.js'
import { shellWord } from '../commands.js'
import { listed, times } from '../wording.js'

/** Somebody guesses passwords, or an application uses an old one; or a user keeps asking for what it may not have. */
export const rule = defineRule({
  id: 'sec/auth-failures',
  severity: 'warning',
  summary: 'Logins fail, or users are refused commands and keys, again and again',
  needs: ['aclLog'],
  scope: 'node',
  options: z.strictObject({
    within: durationOption('1d', 'what is older does not count'),
    logins: countOption(10, 'failed logins from which they are reported'),
    denials: countOption(10, 'refusals of one user from which they are reported'),
  }),
  check({ aclLog }, { within, logins, denials }) {
    const recent = aclLog.filter(({ ageSeconds }) => ageSeconds * 1000 <= within)
    const period = `in the last ${formatDuration(within)}`
    const refused = recent.filter(({ reason }) => reason !== 'auth')
    const users = [...new Set(refused.map(({ username }) => username))].toSorted()
    return [
      ...failedLogins(
        recent.filter(({ reason }) => reason === 'auth'),
        logins,
        period,
      ),
      ...users.flatMap((user) =>
        denialsOf(
          user,
          refused.filter(({ username }) => username === user),
          denials,
          period,
        ),
      ),
    ]
  },
})

const total = (entries: readonly AclLogEntry[]) => entries.reduce((sum, { count }) => sum + count, 0)

/** Names, most refused first. */
function byCount(entries: readonly AclLogEntry[], nameOf: (entry: AclLogEntry) => string): string[] {
  const counts = new Map<string, number>()
  for (const entry of entries) counts.set(nameOf(entry), (counts.get(nameOf(entry)) ?? 0) + entry.count)
  return [...counts].toSorted(([, a], [, b]) => b - a).map(([name]) => name)
}

function failedLogins(entries: readonly AclLogEntry[], floor: number, period: string): FindingDraft[] {
  const failures = total(entries)
  if (failures === 0 || failures < floor) return []
  const names = byCount(entries, ({ username }) => username)
  return [
    {
      about: 'logins',
      message: `failed ${times(failures)} ${period}, as ${listed(names)}`,
      evidence: { failures, users: names.length },
      remedy: 'Find where they come from: correct an old password there, or keep a stranger out with a firewall rule.',
      commands: ['redis-cli ACL LOG 128', 'redis-cli ACL LOG RESET'],
    },
  ]
}

function denialsOf(user: string, entries: readonly AclLogEntry[], floor: number, period: string): FindingDraft[] {
  const denials = total(entries)
  if (denials === 0 || denials < floor) return []
  // Keys and channels are data; a command is a hint at which permission is missing.
  const commands = byCount(
    entries.filter(({ reason }) => reason === 'command'),
    ({ object }) => object.toUpperCase(),
  )
  const others = byCount(
    entries.filter(({ reason }) => reason !== 'command'),
    ({ reason }) => `${reason}s that it may not touch`,
  )
  return [
    {
      about: `user ${user}`,
      message: `was refused ${times(denials)} ${period}: ${listed([...commands.slice(0, 3), ...others])}`,
      evidence: { denials, user },
      remedy: 'Grant what the application needs by name, or find out who uses its password.',
      commands: ['redis-cli ACL LOG 128', `redis-cli ACL GETUSER ${shellWord(user, 'user')}`],
    },
  ]
}

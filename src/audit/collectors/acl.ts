import { safeText } from '../../core/text.js'
import { asArray, asMap, asNumber, asText } from '../../wire/client.js'
import type { Reply } from '../../wire/decoder.js'
import { aclUser } from '../acl-rules.js'
import type { AclFacts, AclLogEntry, Reading } from '../facts.js'
import { type Ask, granted, Unknown } from './ask.js'
import type { Naming } from './naming.js'

/** ACL LIST: a line for each user, whose hashes are dropped here. */
export const askAcl: Ask<AclFacts> = {
  commands: [['ACL', 'LIST']],
  read: ([reply]) => ({ users: asArray(granted(reply, 'ACL LIST')).map((line) => readUser(asText(line))) }),
}

function readUser(line: string) {
  const [keyword, name, ...rules] = line.split(' ').filter(Boolean)
  if (keyword !== 'user' || name === undefined) throw new Unknown('ACL LIST was answered with something that is no list of users')
  return aclUser(name, rules).user
}

/** Entries of ACL LOG that are asked for, which is what a server keeps by default. */
const ACL_LOG_ENTRIES = 128

/** ACL LOG: refused logins and commands (https://redis.io/docs/latest/commands/acl-log/), without those of connections named `own`. */
export function askAclLog(naming: Naming, own: string): Ask<AclLogEntry[]> {
  return {
    commands: [['ACL', 'LOG', ACL_LOG_ENTRIES]],
    read: ([reply]) => {
      const entries = asArray(granted(reply, 'ACL LOG')).map((entry) => asMap(entry))
      return entries
        .filter((entry) => !asText(entry.get('client-info') ?? '').includes(` name=${own} `))
        .map((entry) => readEntry(entry, naming))
    },
  }
}

function readEntry(entry: Map<string, Reply>, naming: Naming): AclLogEntry {
  const reason = safeText(asText(entry.get('reason')))
  const object = entry.get('object')
  return {
    count: asNumber(entry.get('count')),
    reason,
    object: reason === 'key' && Buffer.isBuffer(object) ? naming.key(object) : safeText(asText(object)),
    username: safeText(asText(entry.get('username'))),
    ageSeconds: asNumber(entry.get('age-seconds')),
  }
}

/** What stands in the place of a name by which somebody tried to log in. */
const NO_SUCH_USER = '(no such user)'

/** Names of failed logins that no user has are left out: people type passwords there. */
export function withoutStrangers(log: Reading<AclLogEntry[]>, acl: Reading<AclFacts>): Reading<AclLogEntry[]> {
  if (!log.known) return log
  const users = new Set(['default', ...(acl.known ? acl.value.users.map(({ name }) => name) : [])])
  const named = (entry: AclLogEntry) => entry.reason !== 'auth' || users.has(entry.username)
  return { known: true, value: log.value.map((entry) => (named(entry) ? entry : { ...entry, username: NO_SUCH_USER })) }
}

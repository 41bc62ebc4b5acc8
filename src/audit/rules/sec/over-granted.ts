import { z } from 'zod'
import type { AclFacts, AclUser } from '../../facts.js'
import { countOption } from '../../rule-options.js'
import { globMatcher } from '../../glob.js'
import { defineRule, type FindingDraft } from '../../rule.js'
import { grantOf, type KnownCommand, permissionsOf } from '../acl-grants.js'
import { shellWord } from '../commands.js'
import { listed } from '../wording.js'

const admin = (name: string): KnownCommand => {
  const group = name.startsWith('client|') ? ['connection'] : []
  return { name, categories: ['admin', 'dangerous', 'slow', ...group] }
}

/** Commands that take a server over or down; all are in the categories admin and dangerous. Worst first. */
const ADMINISTRATION: readonly KnownCommand[] = [
  'config|set',
  'acl|setuser',
  'module|load',
  'shutdown',
  'debug',
  'replicaof',
  'monitor',
  'cluster|reset',
  'client|kill',
  'acl|deluser',
  'config|rewrite',
  'bgrewriteaof',
].map(admin)

/** Commands without keys, so that no key pattern holds them back: they empty every database. They are in @write, too. */
const FLUSHES: readonly KnownCommand[] = ['flushall', 'flushdb'].map((name) => ({
  name,
  categories: ['keyspace', 'write', 'slow', 'dangerous'],
}))

/** One writing command of each kind of data. */
const WRITES: readonly KnownCommand[] = [
  { name: 'set', categories: ['write', 'string', 'slow'] },
  { name: 'del', categories: ['keyspace', 'write', 'slow'] },
  { name: 'hset', categories: ['write', 'hash', 'fast'] },
  { name: 'lpush', categories: ['write', 'list', 'fast'] },
  { name: 'sadd', categories: ['write', 'set', 'fast'] },
  { name: 'zadd', categories: ['write', 'sortedset', 'fast'] },
  { name: 'xadd', categories: ['write', 'stream', 'fast'] },
]

const optionsSchema = z.strictObject({
  admins: z
    .array(z.string())
    .default(['default', 'admin*', 'root', 'ops*', 'operator*'])
    .describe('globs on the names of users who administer the server; `default` is judged by sec/default-user and sec/nopass'),
  commands: countOption(2, 'administrative commands, allowed by a category, from which a user is reported'),
  shared: countOption(2, 'users who write, from which one that may touch every key is reported'),
})

/** What one stolen application password, or one careless line of code, can do to everybody's data. */
export const rule = defineRule({
  id: 'sec/over-granted',
  severity: 'warning',
  summary: "An application's user may administer the server, empty it, or write everybody's keys",
  needs: ['acl'],
  scope: 'node',
  options: optionsSchema,
  check({ acl }, options) {
    const users = applicationUsers(acl, options.admins)
    const writers = users.filter(mayWriteKeys)
    return users.flatMap((user) => [
      ...excessOf(user, options.commands),
      ...(writers.length >= options.shared && mayWriteEveryKey(user) ? [everyKey(user, writers.length)] : []),
    ])
  },
})

function applicationUsers({ users }: AclFacts, admins: readonly string[]): AclUser[] {
  return users.filter((user) => user.enabled && !admins.some((glob) => globMatcher(glob.toLowerCase())(user.name.toLowerCase())))
}

/**
 * A command that is allowed by its name was meant; one that came with a category often was not. Every selector counts, because
 * these commands have no keys by which a selector could hold them back.
 */
function byCategory(user: AclUser, commands: readonly KnownCommand[]): KnownCommand[] {
  const permissions = permissionsOf(user)
  return commands.filter((command) => permissions.some((permission) => grantOf(permission.commands, command) === 'category'))
}

function excessOf(user: AclUser, floor: number): FindingDraft[] {
  const administration = byCategory(user, ADMINISTRATION)
  if (administration.length > 0 && administration.length >= floor) return [administrator(user, administration)]
  const flushes = byCategory(user, FLUSHES)
  return flushes.length > 0 ? [flusher(user, flushes)] : []
}

const words = (commands: readonly KnownCommand[]) => commands.map(({ name }) => name.toUpperCase().replace('|', ' '))

function administrator(user: AclUser, commands: readonly KnownCommand[]): FindingDraft {
  return {
    about: `user ${user.name}`,
    role: 'administration',
    message: `may administer the server: ${listed(words(commands))}`,
    evidence: { user: user.name, commands: user.commands, administrativeCommands: commands.length },
    remedy: 'Take the administrative and dangerous commands away, and give back by name what the application needs.',
    commands: [`redis-cli ACL SETUSER ${shellWord(user.name, 'user')} -@admin -@dangerous +info`],
    at: { user: user.name },
  }
}

function flusher(user: AclUser, commands: readonly KnownCommand[]): FindingDraft {
  const keys = user.keys.length === 0 ? 'no keys' : listed(user.keys)
  return {
    about: `user ${user.name}`,
    role: 'flush',
    message: `may empty the server with ${listed(words(commands))}: those have no keys, so its keys (${keys}) don't hold them back`,
    evidence: { user: user.name, commands: user.commands, keys: user.keys.join(' ') },
    remedy: 'Take the dangerous commands out of what the category allows.',
    commands: [`redis-cli ACL SETUSER ${shellWord(user.name, 'user')} -@dangerous`],
    severity: 'note',
    at: { user: user.name },
  }
}

function mayWriteKeys(user: AclUser): boolean {
  return permissionsOf(user).some((permission) => permission.keys.length > 0 && mayWrite(permission.commands))
}

function mayWriteEveryKey(user: AclUser): boolean {
  return permissionsOf(user).some((permission) => permission.keys.some(isEveryKey) && mayWrite(permission.commands))
}

const mayWrite = (rules: string) => WRITES.some((command) => grantOf(rules, command) !== undefined)

/** `~*` and `%RW~*`; `%R~*` only reads. */
function isEveryKey(pattern: string): boolean {
  return /^(~|%(?=[rw]*w)[rw]+~)\*+$/i.test(pattern)
}

function everyKey(user: AclUser, writers: number): FindingDraft {
  return {
    about: `user ${user.name}`,
    role: 'keys',
    message: `may write every key, on a server that ${writers} users write to`,
    evidence: { user: user.name, keys: user.keys.join(' '), writingUsers: writers },
    remedy: 'Limit the user to the keys of its application.',
    commands: [`redis-cli ACL SETUSER ${shellWord(user.name, 'user')} resetkeys ${shellWord(`~${user.name}:*`, 'keys')}`],
    severity: 'note',
    at: { user: user.name },
  }
}

import type { ServerFacts } from '../redis/server-facts.js'
import { AUDIT_COMMANDS } from './commands.js'
import { has } from './versions.js'

export interface AclUserOptions {
  /** `redline-audit` by default. */
  user?: string
  /** Shown in the command; a placeholder that every server refuses stands there without it. */
  password?: string
}

/** Commands that make the user for audits. */
export interface AclUserCommands {
  full: string
  /** For whoever does not want hashes of passwords to be read: without ACL LIST, and so without what rules say of users. */
  withoutAclList: string
  /** What there is to know before one of them is sent. */
  notes: string[]
}

/** Where a hash should stand: it is none, so that a user is not made with a password that everybody knows. */
export const PASSWORD_PLACEHOLDER = '#SHA256-OF-A-PASSWORD'

/**
 * The least that an audit of this server needs, as ACL SETUSER takes it in this version: a command that a server does not have
 * would make it refuse the whole. Words are quoted for redis-cli and for a shell.
 */
export function aclUsers(server: Pick<ServerFacts, 'engine' | 'version' | 'topology'>, options: AclUserOptions = {}): AclUserCommands {
  const names = commandNames(server)
  const make = (allowed: readonly string[]) => ['ACL', 'SETUSER', ...rulesFor(server, allowed, options)].map(quoted).join(' ')
  return { full: make(names), withoutAclList: make(names.filter((name) => name !== 'acl|list')), notes: notesFor(server, options) }
}

/** What an audit sends to such a server, by the names that its ACL has for them. */
export function commandNames(server: Pick<ServerFacts, 'engine' | 'version' | 'topology'>): string[] {
  const here = server.topology === 'sentinel' ? 'sentinel' : 'server'
  return AUDIT_COMMANDS.filter(({ at, since }) => (at === 'both' || at === here) && has(server, since)).map(({ name }) => name)
}

/** `reset` makes the same user of whatever there was under this name. */
function rulesFor(
  server: Pick<ServerFacts, 'engine' | 'version'>,
  allowed: readonly string[],
  { user = 'redline-audit', password }: AclUserOptions,
): string[] {
  return [
    user,
    'reset',
    'on',
    password === undefined ? PASSWORD_PLACEHOLDER : `>${password}`,
    canSplitKeys(server) ? '%R~*' : '~*',
    ...(has(server, { redis: '6.2', valkey: '7.2' }) ? ['resetchannels'] : []),
    '-@all',
    ...allowed.map((name) => `+${name}`),
  ]
}

/** Read and write permissions of keys can be given apart. */
function canSplitKeys(server: Pick<ServerFacts, 'engine' | 'version'>): boolean {
  return has(server, { redis: '7.0', valkey: '7.2' })
}

function notesFor(server: Pick<ServerFacts, 'engine' | 'version'>, { password }: AclUserOptions): string[] {
  return [
    ...(password === undefined ? [`put the hash in its place: printf %s "$PASSWORD" | sha256sum`] : []),
    'to keep the user over a restart: ACL SAVE, or CONFIG REWRITE where no aclfile is set; on each node of a cluster, and on replicas',
    ...(canSplitKeys(server)
      ? []
      : ['before 7.0 keys can not be given for reading alone (%R~*): the commands are what keeps it from writing']),
    'config|get would let it read requirepass and masterauth, too, for which an audit never asks; ACL rules can not tell parameters apart',
    'acl|log would let it clear that log (ACL LOG RESET); acl|list shows it the hashes of passwords, which the second user does not see',
  ]
}

/** Within single quotes nothing is special to redis-cli and shells, but the quote itself. */
function quoted(word: string): string {
  return /^[\w@+,./:=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

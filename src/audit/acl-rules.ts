import { safeText } from '../core/text.js'
import type { AclSelector, AclUser } from './facts.js'

/*
 * The language of ACL SETUSER, ACL LIST and ACL files (https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/),
 * as far as it says what a user may do. Passwords and their hashes are counted and dropped here.
 */

/** Makes a user of the rules that follow its name: `on nopass ~* &* +@all (~b* +get)`. `refused` are rules that no version knows. */
export function aclUser(name: string, rules: readonly string[]): { user: AclUser; refused: string[] } {
  const user: UserUnderWay = { enabled: false, nopass: false, passwords: new Set(), selectors: [], ...nothing() }
  const refused = grouped(rules).flatMap((rule) => (typeof rule === 'string' ? applyToUser(rule, user) : addSelector(rule, user)))
  const { enabled, nopass, passwords, selectors } = user
  return {
    user: { name: safeText(name), enabled, nopass, passwords: passwords.size, ...shown(user), selectors: selectors.map(shown) },
    refused,
  }
}

function shown({ commands, keys, channels }: Grant): AclSelector {
  const everything = commands.findLastIndex((rule) => rule === '+@all' || rule === '-@all')
  // Without any rule about commands none is allowed.
  const effective = everything < 0 ? ['-@all', ...commands] : commands.slice(everything)
  const safe = (texts: string[]) => texts.map((text) => safeText(text))
  return { commands: safe(effective).join(' '), keys: safe([...new Set(keys)]), channels: safe([...new Set(channels)]) }
}

/** What a user, or one of its selectors, may do. */
interface Grant {
  /** `+@all`, `-get` ..., in their order. */
  commands: string[]
  keys: string[]
  channels: string[]
}

interface UserUnderWay extends Grant {
  enabled: boolean
  nopass: boolean
  passwords: Set<string>
  selectors: Grant[]
}

function nothing(): Grant {
  return { commands: [], keys: [], channels: [] }
}

/** Returns the rule when there is no such one. */
function applyToUser(rule: string, user: UserUnderWay): string[] {
  const set = SETTINGS[rule.toLowerCase()]
  if (set) set(user)
  else if (rule.startsWith('>') || rule.startsWith('#')) {
    user.passwords.add(rule)
    user.nopass = false
  } else if (rule.startsWith('<')) user.passwords.delete(`>${rule.slice(1)}`)
  else if (rule.startsWith('!')) user.passwords.delete(`#${rule.slice(1)}`)
  else return applyGrant(rule, user)
  return []
}

function addSelector(rules: readonly string[], user: UserUnderWay): string[] {
  const selector = nothing()
  user.selectors.push(selector)
  return rules.flatMap((rule) => applyGrant(rule, selector))
}

const SETTINGS: Record<string, (user: UserUnderWay) => void> = {
  on: (user) => (user.enabled = true),
  off: (user) => (user.enabled = false),
  nopass: (user) => {
    user.nopass = true
    user.passwords.clear()
  },
  resetpass: (user) => {
    user.nopass = false
    user.passwords.clear()
  },
  reset: (user) => Object.assign(user, nothing(), { enabled: false, nopass: false, passwords: new Set(), selectors: [] }),
  clearselectors: (user) => (user.selectors = []),
  'sanitize-payload': () => undefined,
  'skip-sanitize-payload': () => undefined,
}

const GRANTS: Record<string, (grant: Grant) => void> = {
  allkeys: (grant) => grant.keys.push('~*'),
  resetkeys: (grant) => (grant.keys = []),
  allchannels: (grant) => grant.channels.push('&*'),
  resetchannels: (grant) => (grant.channels = []),
  allcommands: (grant) => grant.commands.push('+@all'),
  nocommands: (grant) => grant.commands.push('-@all'),
  // Databases, since Valkey 9.1.
  alldbs: () => undefined,
  resetdbs: () => undefined,
}

/** Returns the rule when there is no such one. */
function applyGrant(rule: string, grant: Grant): string[] {
  const set = GRANTS[rule.toLowerCase()]
  if (set) set(grant)
  else if (/^[+-]./.test(rule)) grant.commands.push(rule.toLowerCase())
  else if (/^~|^%[rw]{1,2}~/i.test(rule)) grant.keys.push(rule)
  else if (rule.startsWith('&')) grant.channels.push(rule)
  else if (!/^db=/i.test(rule)) return [rule]
  return []
}

/** `(~b* +get)` is a set of rules of its own, whose parts arrive separated: they are put together. */
function grouped(rules: readonly string[]): (string | string[])[] {
  const groups: (string | string[])[] = []
  let open: string[] | undefined
  for (const rule of rules) {
    if (open === undefined && !rule.startsWith('(')) {
      groups.push(rule)
      continue
    }
    const begins = open === undefined
    if (open === undefined) groups.push((open = []))
    const inner = rule.slice(begins ? 1 : 0, rule.endsWith(')') ? -1 : undefined)
    if (inner !== '') open.push(inner)
    if (rule.endsWith(')')) open = undefined
  }
  return groups
}

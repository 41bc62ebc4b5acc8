import type { AclSelector, AclUser } from '../facts.js'

/*
 * What the commands of a user allow. Rules hold from left to right, each overriding those before it
 * (https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/).
 */

/** A command with its categories, as ACL CAT tells them. */
export interface KnownCommand {
  /** `config|set`, `flushall`. */
  name: string
  categories: readonly string[]
}

/** Why a command is allowed: by its own name, or as one of a category. Undefined when it isn't. */
export type Grant = 'name' | 'category' | undefined

/** Whether a list of rules (`+@all -@dangerous +info`) allows a command, and by what. */
export function grantOf(rules: string, command: KnownCommand): Grant {
  let grant: Grant
  for (const rule of rules.toLowerCase().split(/\s+/)) {
    const by = matched(rule.slice(1), command)
    if (by !== undefined) grant = rule.startsWith('+') ? by : undefined
  }
  return grant
}

function matched(target: string, { name, categories }: KnownCommand): Grant {
  if (target.startsWith('@')) return target === '@all' || categories.includes(target.slice(1)) ? 'category' : undefined
  return target === name || target === name.split('|', 1)[0] ? 'name' : undefined
}

/** The permissions of a user one by one: its own, and those of its selectors, each with keys of its own. */
export function permissionsOf(user: AclUser): AclSelector[] {
  return [{ commands: user.commands, keys: user.keys, channels: user.channels }, ...user.selectors]
}

/** Whether it has any permission at all: a user without commands can do no harm. */
export function mayDoAnything(user: AclUser): boolean {
  return permissionsOf(user).some(({ commands }) => /(^|\s)\+/.test(commands))
}

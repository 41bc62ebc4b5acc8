import { safeText } from '../../core/text.js'
import { aclUser } from '../acl-rules.js'
import type { AclUser } from '../facts.js'
import type { FileMistake, Place } from './mistakes.js'

/** A user and where it is declared; undefined for a `default` that nobody declared. */
export interface DeclaredUser {
  user: AclUser
  at: Place | undefined
}

export interface UserList {
  users: DeclaredUser[]
  mistakes: FileMistake[]
}

/** Reads an ACL file: a line `user name rule rule` each, single spaces between, and nothing else: the server refuses to start otherwise. */
export function readAclFile(file: string, lines: readonly string[]): UserList {
  const list: UserList = { users: [], mistakes: [] }
  for (const [index, line] of lines.entries()) {
    const text = line.trim()
    if (text === '') continue
    const at = { file, line: index + 1, column: line.length - line.trimStart().length + 1 }
    const words = text.split(' ')
    const gap = words.indexOf('')
    if (words[0] !== 'user')
      list.mistakes.push({
        at,
        field: '',
        message: text.startsWith('#') ? 'an ACL file takes no comments' : 'a line begins with user and a name',
      })
    else if (gap >= 0) {
      const column = at.column + words.slice(0, gap).join(' ').length + 1
      list.mistakes.push({
        at: { ...at, column },
        field: '',
        message: 'two spaces: the server takes what is between them for a rule, and refuses it',
      })
    } else declare(words.slice(1), at, list)
  }
  return list
}

/** Adds the user of one declaration, `name rule rule`. */
export function declare([name, ...rules]: readonly string[], at: Place, list: UserList): void {
  if (name === undefined) {
    list.mistakes.push({ at, field: 'user', message: 'a name follows' })
    return
  }
  const { user, refused } = aclUser(name, rules)
  const field = `user ${safeText(name)}`
  // The rule is told by its place, not by its text: a password whose > was forgotten looks like this.
  if (refused.length > 0) {
    const position = rules.indexOf(refused[0]!) + 1
    const which = position === 0 ? 'a rule in its parentheses' : `rule ${position}`
    list.mistakes.push({ at, field, message: `${which} is none; a password begins with >, a key with ~, a command with + or -` })
  }
  if (list.users.some((other) => other.user.name === user.name)) list.mistakes.push({ at, field, message: 'declared twice' })
  else list.users.push({ user, at })
}

/** The user that everybody is before logging in, as it is when nobody declares it: `requirepass` is its password. */
export function undeclaredDefault(hasPassword: boolean): AclUser {
  return aclUser('default', ['on', ...(hasPassword ? ['>'] : ['nopass']), '~*', '&*', '+@all']).user
}

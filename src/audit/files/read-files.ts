import { basename } from 'node:path'
import { InputError } from '../../core/errors.js'
import { safeText } from '../../core/text.js'
import { configFacts } from '../collectors/config.js'
import type { AclFacts, FactName, Reading, Readings } from '../facts.js'
import { type DeclaredUser, declare, readAclFile, undeclaredDefault, type UserList } from './acl-file.js'
import { type Directive, readConf } from './conf-file.js'
import { valuesOf } from './conf-values.js'
import { errorOf, type FileMistake, type Place } from './mistakes.js'
import { canonicalName, defaultsOf } from './parameters.js'
import { readLines } from './text-file.js'

/** Which server the files are for. */
export interface FileTarget {
  engine: 'redis' | 'valkey'
  /** The newest by default. */
  version?: string | undefined
}

/** What files tell, in the place of a server. */
export interface FileFacts {
  readings: Readings
  /** Where a parameter or a user is declared; what is nowhere is at the beginning of the file that would declare it. */
  locate: (what: { parameter: string } | { user: string }) => Place | undefined
  /** What a user should know. */
  notes: string[]
  /** The files that were given, as they are shown. */
  names: string[]
}

const NO_SERVER: Reading<never> = { known: false, why: 'files were audited, not a server', absent: true }
/** What only a server could tell. */
const OF_SERVERS: readonly FactName[] = [
  ...(['server', 'info', 'counters', 'slowlog', 'commandlog', 'latency', 'aclLog', 'clients', 'scripts', 'host', 'replication'] as const),
  ...(['keyspace', 'streams', 'cluster', 'sentinel', 'nodes'] as const),
]
/** Newer than what there is. */
const NEWEST = '999'

/**
 * Reads a redis.conf, an ACL file, or one of each, which is told by what stands in them. What the files leave out has the default of
 * the target's version. Throws InputError when a file can't be read, or with every mistake at file:line:column; no value
 * of a file is in the error, nor any password in the facts.
 */
export async function readFiles(paths: readonly string[], target: FileTarget = { engine: 'redis' }): Promise<FileFacts> {
  const { confPath, acl } = await sortOut(paths)
  const conf = confPath === undefined ? undefined : await readConf(confPath)
  const directives = conf?.directives ?? []
  const version = target.version ?? NEWEST
  const { values, places, mistakes } = valuesOf(directives, defaultsOf({ engine: target.engine, version }))
  const users = usersOf(directives, acl?.list)
  const wrong = [...(conf?.mistakes ?? []), ...mistakes, ...users.mistakes]
  if (wrong.length > 0) throw errorOf(wrong)

  const start = (path: string | undefined): Place | undefined => (path === undefined ? undefined : { file: path, line: 1, column: 1 })
  const password = directives.findLast(({ name }) => name === 'requirepass')?.at
  return {
    readings: {
      ...Object.fromEntries(OF_SERVERS.map((name) => [name, NO_SERVER])),
      config:
        confPath === undefined ? { known: false, why: 'no redis.conf was given' } : { known: true, value: configFacts(values, 'files') },
      acl: users.reading,
      now: { known: true, value: Date.now() / 1000 },
    },
    locate: (what) => {
      const found =
        'parameter' in what
          ? (places.get(canonicalName(what.parameter) ?? '') ?? start(confPath))
          : (users.places.get(what.user) ?? (what.user === 'default' && !acl ? password : undefined) ?? start(acl?.path ?? confPath))
      return found && { ...found, file: safeText(found.file) }
    },
    notes: notesOf(target, confPath, users),
    names: paths.map((path) => safeText(path)),
  }
}

interface Sorted {
  confPath: string | undefined
  acl: { path: string; list: UserList } | undefined
}

/** At most one of each. */
async function sortOut(paths: readonly string[]): Promise<Sorted> {
  const sorted: Sorted = { confPath: undefined, acl: undefined }
  for (const path of paths) {
    const lines = await readLines(path)
    if (isAclFile(path, lines)) {
      if (sorted.acl) throw new InputError(`${safeText(sorted.acl.path)} and ${safeText(path)} are both ACL files: a server has one`)
      sorted.acl = { path, list: readAclFile(path, lines) }
    } else {
      if (sorted.confPath !== undefined) {
        throw new InputError(`${safeText(sorted.confPath)} and ${safeText(path)} are both configurations of a server: audit one at a time`)
      }
      sorted.confPath = path
    }
  }
  if (paths.length === 0) throw new InputError('no file was given', { hint: 'redline audit redis.conf [users.acl]' })
  return sorted
}

/** In an ACL file every line declares a user; a redis.conf may do that too, but not that alone. */
function isAclFile(path: string, lines: readonly string[]): boolean {
  if (/\.acl$/i.test(basename(path))) return true
  const written = lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'))
  return written.length > 0 && written.every((line) => /^user\s/i.test(line))
}

interface Users {
  reading: Reading<AclFacts>
  places: Map<string, Place>
  mistakes: FileMistake[]
  note: string | undefined
}

function usersOf(directives: readonly Directive[], acl: UserList | undefined): Users {
  const inConf: UserList = { users: [], mistakes: [] }
  for (const { name, args, at } of directives) if (name === 'user') declare(args, at, inConf)
  const aclfile = directives.findLast(({ name, args }) => name === 'aclfile' && args[0] !== undefined && args[0] !== '')
  const mistakes = [...inConf.mistakes, ...(acl?.mistakes ?? [])]
  const [first] = inConf.users
  if (first?.at && (acl || aclfile)) {
    mistakes.push({ at: first.at, field: 'user', message: 'users stand in an ACL file or here, not in both: the server would not start' })
  }
  if (aclfile && !acl) {
    const why = `aclfile is set, and that file was not given`
    return { reading: { known: false, why }, places: new Map(), mistakes, note: `${why}: add it to see what its users may do` }
  }
  // An ACL file takes the place of requirepass, also when it says nothing of default.
  const hasPassword = !acl && (directives.findLast(({ name }) => name === 'requirepass')?.args[0] ?? '') !== ''
  const users = withDefault((acl ?? inConf).users, hasPassword)
  const places = new Map(users.flatMap(({ user, at }) => (at ? [[user.name, at] as const] : [])))
  return { reading: { known: true, value: { users: users.map(({ user }) => user) } }, places, mistakes, note: undefined }
}

function withDefault(users: readonly DeclaredUser[], hasPassword: boolean): DeclaredUser[] {
  const declared = users.some(({ user }) => user.name === 'default')
  return declared ? [...users] : [{ user: undeclaredDefault(hasPassword), at: undefined }, ...users]
}

function notesOf({ engine, version }: FileTarget, confPath: string | undefined, { note }: Users): string[] {
  const which = version === undefined ? `the newest ${engine === 'redis' ? 'Redis' : 'Valkey'}` : `${engine} ${version}`
  return [
    ...(confPath === undefined ? [] : [`what the file leaves out has the default of ${which}`]),
    ...(note === undefined ? [] : [note]),
  ]
}

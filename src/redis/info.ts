import { type Client, asText } from '../wire/client.js'

/** The reply of INFO: fields by name, which are unique over all sections that redline reads, and the sections themselves. */
export interface Info {
  readonly fields: ReadonlyMap<string, string>
  /** Sections by their heading in lower case (`commandstats`), each with its own fields. */
  readonly sections: ReadonlyMap<string, ReadonlyMap<string, string>>
}

/** What the server counted of one command (INFO commandstats). */
export interface CommandStat {
  calls: number
  /** CPU time, in microseconds. */
  usec: number
  /** Refused before they ran (wrong arity, OOM, NOPERM); 0 before 6.2, which does not count them. */
  rejected: number
  /** Ran and answered with an error; 0 before 6.2. */
  failed: number
}

/** Asks for every section that one INFO gives on all versions: several sections at once are a syntax error before 7.0. */
export async function readInfo(client: Client): Promise<Info> {
  return parseInfo(asText(await client.call('INFO', 'ALL')))
}

/** Reads the text of INFO: `# Section` headings and `name:value` lines (https://redis.io/docs/latest/commands/info/). */
export function parseInfo(text: string): Info {
  const fields = new Map<string, string>()
  const sections = new Map<string, Map<string, string>>()
  let section = new Map<string, string>()
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('#')) {
      const name = line.slice(1).trim().toLowerCase()
      section = sections.get(name) ?? new Map<string, string>()
      sections.set(name, section)
      continue
    }
    const colon = line.indexOf(':')
    if (colon <= 0) continue
    fields.set(line.slice(0, colon), line.slice(colon + 1))
    section.set(line.slice(0, colon), line.slice(colon + 1))
  }
  return { fields, sections }
}

/** A field as a number; undefined when this version does not have it, or it is not a finite number. */
export function numberOf(info: Info, name: string): number | undefined {
  const text = info.fields.get(name)
  const value = text === undefined || text === '' ? NaN : Number(text)
  return Number.isFinite(value) ? value : undefined
}

/** INFO commandstats, by command in lower case; a subcommand is `config|get` from 7.0 on and part of `config` before. */
export function commandStats(info: Info): Map<string, CommandStat> {
  const stats = new Map<string, CommandStat>()
  for (const [name, value] of info.sections.get('commandstats') ?? []) {
    if (!name.startsWith('cmdstat_')) continue
    const fields = fieldsIn(value)
    const count = (field: string) => Number(fields.get(field) ?? 0) || 0
    stats.set(name.slice('cmdstat_'.length), {
      calls: count('calls'),
      usec: count('usec'),
      rejected: count('rejected_calls'),
      failed: count('failed_calls'),
    })
  }
  return stats
}

/** Keys by database (INFO keyspace); a database without any is not named. */
export function keysByDatabase(info: Info): Map<number, number> {
  const keys = new Map<number, number>()
  for (const [name, value] of info.sections.get('keyspace') ?? []) {
    if (/^db\d+$/.test(name)) keys.set(Number(name.slice(2)), Number(fieldsIn(value).get('keys') ?? 0) || 0)
  }
  return keys
}

/** Keys in all databases together (INFO keyspace). */
export function totalKeys(info: Info): number {
  return [...keysByDatabase(info).values()].reduce((sum, keys) => sum + keys, 0)
}

/** The fields of a value that has several: `calls=1,usec=4`. */
export function fieldsIn(text: string): Map<string, string> {
  const fields = new Map<string, string>()
  for (const part of text.split(',')) {
    const equals = part.indexOf('=')
    if (equals > 0) fields.set(part.slice(0, equals), part.slice(equals + 1))
  }
  return fields
}

import type { StreamFacts, StreamGroup } from '../facts.js'
import type { Blindness } from '../rule.js'
import { shellWord } from './commands.js'
import { counted } from './wording.js'

/** A consumer group of a stream. */
export interface GroupOfStream {
  stream: StreamFacts
  group: StreamGroup
}

/** All consumer groups of all streams. */
export function groupsOf(streams: readonly StreamFacts[]): GroupOfStream[] {
  return streams.flatMap((stream) => stream.groups.map((group) => ({ stream, group })))
}

/**
 * Puts groups together that are one thing to whoever runs them: of the same name on streams of one pattern. Numbers and ids in the
 * name don't count, so that a group that each process makes for itself is one thing, too.
 */
export function byGroup<T extends GroupOfStream>(found: readonly T[]): { about: string; groups: [T, ...T[]] }[] {
  const joined = new Map<string, [T, ...T[]]>()
  for (const each of found) {
    const about = `group ${masked(each.group.name)} of ${each.stream.pattern}`
    const groups = joined.get(about)
    if (groups) groups.push(each)
    else joined.set(about, [each])
  }
  return [...joined].map(([about, groups]) => ({ about, groups }))
}

const UUID = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/gi
const HEX = /(?<![a-z0-9])(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{8,}(?![a-z0-9])/gi

function masked(name: string): string {
  return name.replace(UUID, '<uuid>').replace(HEX, '<hex>').replace(/\d+/g, '<int>')
}

/** ` on events:1`, ` on 12 streams`: where a finding holds, when that is not clear from what it is about. */
export function onStreams(groups: readonly GroupOfStream[]): string {
  const streams = new Set(groups.map(({ stream }) => stream.key))
  return streams.size > 1 ? ` on ${streams.size} streams` : ''
}

/** The streams of groups, as examples. */
export function streamKeys(groups: readonly GroupOfStream[]): string[] {
  return [...new Set(groups.map(({ stream }) => stream.key))].slice(0, 3)
}

/** `events:1 workers`: stream and group as commands to copy take them. */
export function streamAndGroup({ stream, group }: GroupOfStream): string {
  return `${shellWord(stream.key)} ${shellWord(group.name, 'group')}`
}

/** Whether a group has no consumer, or none that has asked for anything within a time. */
export function nobodyReads({ consumers, members }: StreamGroup, idleMs: number): boolean {
  return consumers === 0 || (members !== undefined && members.every(({ idleSeconds }) => idleSeconds * 1000 >= idleMs))
}

/** Why a rule about the lag of groups that found none may have missed some. */
export function blindToLag(streams: readonly StreamFacts[]): Blindness | undefined {
  const silent = groupsOf(streams).filter(({ group }) => group.lag === undefined).length
  if (silent === 0) return undefined
  return {
    kind: 'not assessed',
    why: `the server can't tell the lag of ${counted(silent, 'group')}, where entries were deleted in between`,
  }
}

/** Why a rule about single consumers that found none may have missed some. */
export function blindToMembers(streams: readonly StreamFacts[]): Blindness | undefined {
  const unasked = groupsOf(streams).filter(({ group }) => group.members === undefined).length
  if (unasked === 0) return undefined
  return { kind: 'not assessed', why: `${counted(unasked, 'group')} with too many consumers to ask about each` }
}

/** The one of which `of` is largest. */
export function most<T>(things: readonly [T, ...T[]], of: (thing: T) => number): T {
  return things.reduce((largest, thing) => (of(thing) > of(largest) ? thing : largest))
}

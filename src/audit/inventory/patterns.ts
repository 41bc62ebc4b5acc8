import { CLASSES, END, STRONG, WEAK } from './byte-class.js'
import type { PatternCounts } from './pattern-counts.js'
import { ANY, COMPACT_DATE, DATE, HEX, INT, isLiteral, LITERAL, NUMBERED, REST } from './tokens.js'
import type { Place } from './trie.js'

/*
 * From all that a trie tells apart to the patterns that people read. Everything here depends on the names that were seen and not on
 * their order.
 */

/** A token of a pattern. */
export interface PatternToken {
  kind: number
  token: Uint8Array
  delimiter: number
  /** Keys whose names go through it. */
  keys: number
}

export interface FoundPattern {
  tokens: PatternToken[]
  counts: PatternCounts[]
}

/** Different literals at one place that stay apart. */
const FEW = 50
/** More than a few stay apart while each stands for so many keys, as long as they are no more than MANY: they name kinds, not things. */
const KEYS_PER_KIND = 100
const MANY = 200
/** A literal that holds this share of its place stays in any case, if it also has so many keys and so many times the median's. */
const HEAVY_SHARE = 0.02
const HEAVY_KEYS = 16
const HEAVY_TIMES = 8
/** Where literals have become ANY, a typed token that holds less than this share beside them is one of them. */
const MINOR_SHARE = 0.1
/** As many words with different numbers behind them as make the numbers a variable. */
const NUMBERED_SERIES = 10
/** Names that are nearly all different: no more keys than this for each literal, and at least so many of them. */
const SCATTERED_KEYS = 2
const SCATTERED_LITERALS = 8

/** An edge of the trie, or several that became one. */
interface Branch {
  kind: number
  token: Uint8Array
  delimiter: number
  shortest: number
  longest: number
  keys: number
  counts: PatternCounts[]
  next: Fork | undefined
}

/** A place of the trie, or several that became one. */
interface Fork {
  collapsed: boolean
  branches: Branch[]
}

/** The patterns of all databases together, in no particular order. */
export function findPatterns(roots: Iterable<Place>): FoundPattern[] {
  const whole: Fork = { collapsed: false, branches: [] }
  for (const root of roots) addFork(whole, forkOf(root))
  simplify(whole)
  return patternsOf(whole, [])
}

function forkOf(place: Place): Fork {
  const branches = Array.from(place.edges.values(), (edge): Branch => {
    const { kind, token, delimiter, shortest, longest } = edge
    const next = edge.next && forkOf(edge.next)
    const keys = (edge.counts?.keys ?? 0) + (next ? keysOf(next.branches) : 0)
    return { kind, token, delimiter, shortest, longest, keys, counts: edge.counts ? [edge.counts] : [], next }
  })
  return { collapsed: place.collapsed, branches }
}

function patternsOf(fork: Fork, before: PatternToken[]): FoundPattern[] {
  return fork.branches.flatMap(({ kind, token, delimiter, keys, counts, next }) => {
    const tokens = [...before, { kind, token, delimiter, keys }]
    const ends = counts.length > 0 ? [{ tokens, counts }] : []
    return next ? [...ends, ...patternsOf(next, tokens)] : ends
  })
}

const keysOf = (branches: readonly Branch[]) => branches.reduce((sum, { keys }) => sum + keys, 0)

function addFork(into: Fork, fork: Fork): void {
  into.collapsed ||= fork.collapsed
  for (const branch of fork.branches) addBranch(into, branch)
}

/** Puts a branch beside the others, or into the one that stands for the same token. */
function addBranch(into: Fork, branch: Branch): void {
  const same = into.branches.find((other) => isSame(other, branch))
  if (same === undefined) {
    into.branches.push(branch)
    return
  }
  same.shortest = Math.min(same.shortest, branch.shortest)
  same.longest = Math.max(same.longest, branch.longest)
  same.keys += branch.keys
  same.counts = [...same.counts, ...branch.counts]
  if (same.next && branch.next) addFork(same.next, branch.next)
  else same.next ??= branch.next
}

function isSame(a: Branch, b: Branch): boolean {
  return a.kind === b.kind && a.delimiter === b.delimiter && Buffer.compare(a.token, b.token) === 0
}

/** Gives the branches that `chosen` picks another kind, which may join them to others. */
function turnInto(
  fork: Fork,
  kind: number,
  chosen: (branch: Branch) => boolean,
  token: (branch: Branch) => Uint8Array = () => NO_BYTES,
): void {
  const [turned, left] = [fork.branches.filter(chosen), fork.branches.filter((branch) => !chosen(branch))]
  fork.branches = left
  for (const branch of turned) addBranch(fork, { ...branch, kind, token: token(branch) })
}

const NO_BYTES = new Uint8Array(0)

function simplify(fork: Fork): void {
  settleTypes(fork)
  joinSeries(fork)
  joinLiterals(fork)
  joinIdentifiers(fork)
  joinSegments(fork)
  for (const { next } of fork.branches) if (next) simplify(next)
}

/** Decides what eight digits are, and which numbers are hexadecimal ones without a letter, by what stands at the same place. */
function settleTypes(fork: Fork): void {
  for (const delimiter of new Set(fork.branches.map(({ delimiter }) => delimiter))) {
    const at = (kind: number) => fork.branches.find((branch) => branch.kind === kind && branch.delimiter === delimiter)
    const isAt = (kind: number) => (branch: Branch) => branch.kind === kind && branch.delimiter === delimiter
    const days = at(COMPACT_DATE)
    if (days) turnInto(fork, (at(INT)?.keys ?? 0) >= days.keys || isPartOf(days, at(HEX)) ? INT : DATE, isAt(COMPACT_DATE))
    if (isPartOf(at(INT), at(HEX))) turnInto(fork, HEX, isAt(INT))
  }
}

/** Whether one kind's tokens are all as long as the other's, which are all equally long, and fewer. */
function isPartOf(some: Branch | undefined, all: Branch | undefined): boolean {
  return some !== undefined && all !== undefined && some.keys < all.keys && isFixed(all) && isFixed(some) && some.longest === all.longest
}

const isFixed = ({ shortest, longest }: Branch) => shortest === longest

/** `item7` and `item42` join `item1042`, and each other where there are many. */
function joinSeries(fork: Fork): void {
  const series = new Map<string, Branch[]>()
  const keyOf = ({ token, delimiter }: Branch) => `${delimiter} ${Buffer.from(wordOf(token)).toString('latin1')}`
  for (const branch of fork.branches) {
    if (!isLiteral(branch.kind) || (branch.kind === LITERAL && wordOf(branch.token).length === branch.token.length)) continue
    series.set(keyOf(branch), [...(series.get(keyOf(branch)) ?? []), branch])
  }
  const joined = new Set(
    [...series.values()].filter((all) => all.length >= NUMBERED_SERIES || all.some(({ kind }) => kind === NUMBERED)).flat(),
  )
  turnInto(
    fork,
    NUMBERED,
    (branch) => joined.has(branch),
    ({ token }) => wordOf(token),
  )
}

/** The letters before the digits at a token's end; all of it when it is anything but letters and then digits. */
function wordOf(token: Uint8Array): Uint8Array {
  const match = /^[a-z]+(?=\d+$)/i.exec(Buffer.from(token).toString('latin1'))
  return match ? token.subarray(0, match[0].length) : token
}

/** Joins literals, which are too many at a place to be names of kinds. */
function joinLiterals(fork: Fork): void {
  const literals = fork.branches.filter(({ kind }) => isLiteral(kind))
  if (literals.length <= FEW && !fork.collapsed) return
  const median = literals.map(({ keys }) => keys).toSorted((a, b) => a - b)[literals.length >> 1]!
  const heavy = Math.max(HEAVY_KEYS, HEAVY_SHARE * keysOf(fork.branches), fork.collapsed ? 0 : HEAVY_TIMES * median)
  const light = new Set(literals.filter(({ keys }) => keys < heavy))
  const nameKinds = light.size <= MANY && keysOf([...light]) >= KEYS_PER_KIND * light.size
  if (!fork.collapsed && (light.size <= FEW || nameKinds)) return
  fork.collapsed = true
  turnInto(fork, ANY, (branch) => light.has(branch))
  const any = keysOf(fork.branches.filter(({ kind }) => kind === ANY))
  turnInto(fork, ANY, ({ kind, keys }) => !isLiteral(kind) && kind !== ANY && kind !== REST && keys < MINOR_SHARE * any)
}

/**
 * Where random identifiers of one length stand, what is as long is one too: such that look like words or numbers, or that hold a
 * delimiter and were taken apart at it.
 */
function joinIdentifiers(fork: Fork): void {
  const ends = fork.branches.filter(({ kind, delimiter }) => kind === ANY && !isWeak(delimiter))
  const keys = keysOf(ends)
  const [shortest, longest] = [Math.min(...ends.map((end) => end.shortest)), Math.max(...ends.map((end) => end.longest))]
  if (shortest !== longest || longest < SHORTEST_IDENTIFIER) return
  const alike = new Set(
    fork.branches.filter(
      (branch) =>
        (isLiteral(branch.kind) || isWeak(branch.delimiter)) && isFixed(branch) && branch.longest === longest && branch.keys < keys,
    ),
  )
  fork.branches = fork.branches.filter((branch) => !alike.has(branch))
  for (const branch of alike)
    for (const end of segmentEnds(branch)) addBranch(fork, { ...end, kind: ANY, token: NO_BYTES, shortest, longest })
}

const SHORTEST_IDENTIFIER = 10

/** A segment that goes on irregularly behind ANY is ANY as a whole: a title in words, an identifier that was taken apart. */
function joinSegments(fork: Fork): void {
  for (const branch of fork.branches) {
    if (branch.kind !== ANY || !isWeak(branch.delimiter) || branch.next === undefined || !isIrregular(branch.next)) continue
    fork.branches = fork.branches.filter((other) => other !== branch)
    for (const end of segmentEnds(branch)) addBranch(fork, { ...end, kind: ANY, token: NO_BYTES })
  }
}

function isIrregular({ collapsed, branches }: Fork): boolean {
  const literals = branches.filter(({ kind }) => isLiteral(kind))
  const scattered = literals.length >= SCATTERED_LITERALS && keysOf(literals) < SCATTERED_KEYS * literals.length
  return collapsed || scattered || literals.length > FEW || branches.some(({ kind }) => kind === ANY)
}

/** The branches with which the segment ends that begins with this one. */
function segmentEnds(branch: Branch): Branch[] {
  if (!isWeak(branch.delimiter)) return [branch]
  return branch.next ? branch.next.branches.flatMap(segmentEnds) : []
}

const isWeak = (delimiter: number) => delimiter !== END && (CLASSES[delimiter]! & (WEAK | STRONG)) === WEAK

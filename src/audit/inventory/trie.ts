import { END } from './byte-class.js'
import { Doorkeeper } from './doorkeeper.js'
import { PatternCounts, type CountSettings, type SavedCounts } from './pattern-counts.js'
import { ANY, hashOf, isLiteral, mix, NUMBERED, type Tokens } from './tokens.js'

/** One token at one place of names, with the delimiter behind it. */
export interface Edge {
  kind: number
  /** The bytes of a literal. */
  token: Uint8Array
  delimiter: number
  hash: number
  /** Bytes from the token's start to the end of its segment: fewest and most. */
  shortest: number
  longest: number
  /** What follows; undefined behind END. */
  next: Place | undefined
  /** What was counted of the names that end here; undefined before END. */
  counts: PatternCounts | undefined
}

/** A place in names, after the same tokens: which ones stand there. */
export class Place {
  edges = new Map<number, Edge>()
  literals = 0
  /** There were too many different literals: those that hold little of it are joined as ANY, new ones too. */
  collapsed = false
  /** Literals that were joined, and may turn out to hold much: how often they came, by hash. */
  candidates: Map<number, number> | undefined
}

export interface TrieLimits {
  /** Different literals at one place at which it collapses. What a finished inventory shows is decided later, on the same or fewer. */
  literals: number
  /** Patterns, and edges, at which the lightest patterns are given up to `other`. */
  patterns: number
  edges: number
}

export const TRIE_LIMITS: TrieLimits = { literals: 256, patterns: 8192, edges: 32_768 }

/** Literals that a place keeps when it collapses: no more than these, each with at least this share of its keys. */
const KEPT = 64
const KEPT_SHARE = 0.01
/** Joined literals that are watched at a place, and how often one must come to get an edge of its own again. */
const CANDIDATES = 64
const PROMOTED_AT = 32

/** As far down as the limit of literals goes when there are too many patterns. */
const FEWEST_LITERALS = 32

const NO_BYTES = new Uint8Array(0)

/**
 * All names that were seen, as far as they are told apart: one trie for each database, whose order of keys differs.
 *
 * Which literals a place has does not depend on the order in which names come, as long as it has not collapsed. A place that
 * has keeps the literals that hold much of it: which these are is decided by the keys seen until then, and again by `candidates` for those
 * that come later, whose first few keys stay joined. A scan's order is that of hashes, so the keys seen are a random sample. Only where
 * there are more patterns than `limits` allow does the order decide which ones are named: the lightest are given up, and from
 * then on a name of which no like was seen grows no edge.
 */
export class Trie {
  readonly #settings: CountSettings
  readonly #limits: TrieLimits
  readonly roots = new Map<number, Place>()
  /** What was given up. */
  other: PatternCounts
  #literals: number
  /** Since patterns had to be given up. */
  #doorkeeper: Doorkeeper | undefined
  #patterns = 0
  #edges = 0

  constructor(settings: CountSettings, limits: TrieLimits) {
    this.#settings = settings
    this.#limits = limits
    this.#literals = limits.literals
    this.other = new PatternCounts(settings)
  }

  get size(): { patterns: number; edges: number } {
    return { patterns: this.#patterns, edges: this.#edges }
  }

  /** The counts for a name. */
  at(tokens: Tokens, name: Uint8Array, db: number): PatternCounts {
    if (this.#isFull(1)) this.#prune()
    let place = this.#rootOf(db)
    let path = db
    for (let i = 0; ; i++) {
      let edge = findToken(place, tokens, i, name)
      if (edge === undefined) {
        if (this.#doorkeeper && !this.#mayGrow(this.#doorkeeper, place, tokens, i, path)) return this.other
        edge = this.#grow(place, tokens, i, name)
      }
      path = Math.imul(path ^ edge.hash, 0x01000193)
      const length = tokens.lengths[i]!
      if (length < edge.shortest) edge.shortest = length
      if (length > edge.longest) edge.longest = length
      if (edge.delimiter === END) return (edge.counts ??= this.#newCounts())
      place = edge.next ??= new Place()
    }
  }

  /** Whether a place may have another edge, once there have been too many: not for a name whose like has not been seen there. */
  #mayGrow(doorkeeper: Doorkeeper, place: Place, tokens: Tokens, i: number, path: number): boolean {
    const kind = tokens.kinds[i]!
    const delimiter = tokens.delimiters[i]!
    if (place.collapsed && isLiteral(kind) && findAny(place, delimiter)) return true
    return doorkeeper.admits(mix(path ^ edgeHash(kind, delimiter, 0)))
  }

  #rootOf(db: number): Place {
    let root = this.roots.get(db)
    if (root === undefined) this.roots.set(db, (root = new Place()))
    return root
  }

  /** The counts that a name went into; `other` when they were given up. */
  find(tokens: Tokens, name: Uint8Array, db: number): PatternCounts {
    let place = this.roots.get(db)
    for (let i = 0; place !== undefined && i < tokens.count; i++) {
      const edge: Edge | undefined =
        findToken(place, tokens, i, name) ?? (place.collapsed ? findAny(place, tokens.delimiters[i]!) : undefined)
      if (edge?.counts) return edge.counts
      place = edge?.next
    }
    return this.other
  }

  #newCounts(): PatternCounts {
    this.#patterns++
    return new PatternCounts(this.#settings)
  }

  #grow(place: Place, tokens: Tokens, i: number, name: Uint8Array): Edge {
    const kind = tokens.kinds[i]!
    const delimiter = tokens.delimiters[i]!
    if (!isLiteral(kind)) return this.#put(place, newEdge(kind, delimiter, NO_BYTES, 0))
    if (place.collapsed && !isPromoted(place, edgeHash(kind, delimiter, tokens.hashes[i]!))) return this.#any(place, delimiter)
    const edge = this.#put(
      place,
      newEdge(kind, delimiter, new Uint8Array(name.subarray(tokens.starts[i], tokens.ends[i])), tokens.hashes[i]!),
    )
    if (place.literals <= this.#literals) return edge
    this.#collapse(place)
    return findToken(place, tokens, i, name) ?? this.#any(place, delimiter)
  }

  #any(place: Place, delimiter: number): Edge {
    return findAny(place, delimiter) ?? this.#put(place, newEdge(ANY, delimiter, NO_BYTES, 0))
  }

  #put(place: Place, edge: Edge): Edge {
    let hash = edge.hash
    while (place.edges.has(hash)) hash = (hash + 1) | 0
    place.edges.set(hash, edge)
    if (isLiteral(edge.kind)) place.literals++
    this.#edges++
    return edge
  }

  /** Joins the literals of a place that hold little of it. */
  #collapse(place: Place): void {
    const edges = [...place.edges.values()]
    const weights = new Map(edges.map((edge) => [edge, weightOf(edge)]))
    const enough = KEPT_SHARE * edges.reduce((sum, edge) => sum + weights.get(edge)!, 0)
    const literals = edges
      .filter(({ kind }) => isLiteral(kind))
      .toSorted((a, b) => weights.get(b)! - weights.get(a)! || Buffer.compare(a.token, b.token) || a.delimiter - b.delimiter)
    const joined = literals.filter((edge, rank) => rank >= KEPT || weights.get(edge)! < enough)
    place.collapsed = true
    this.#rebuild(
      place,
      edges.filter((edge) => !joined.includes(edge)),
    )
    for (const edge of joined) this.#join(this.#any(place, edge.delimiter), edge)
  }

  #rebuild(place: Place, edges: Edge[]): void {
    this.#edges -= place.edges.size
    place.edges = new Map()
    place.literals = 0
    for (const edge of edges) this.#put(place, edge)
  }

  #join(into: Edge, edge: Edge): void {
    into.shortest = Math.min(into.shortest, edge.shortest)
    into.longest = Math.max(into.longest, edge.longest)
    if (edge.counts) {
      if (into.counts) {
        into.counts.merge(edge.counts)
        this.#patterns--
      } else into.counts = edge.counts
    }
    if (edge.next === undefined) return
    if (into.next === undefined) into.next = edge.next
    else this.#joinPlaces(into.next, edge.next)
  }

  #joinPlaces(into: Place, place: Place): void {
    this.#edges -= place.edges.size
    into.collapsed ||= place.collapsed
    for (const edge of place.edges.values()) {
      const same = findEdge(into, edge)
      if (same) this.#join(same, edge)
      else if (into.collapsed && isLiteral(edge.kind) && !place.collapsed) this.#join(this.#any(into, edge.delimiter), edge)
      else this.#put(into, edge)
    }
    if (into.literals > this.#literals) this.#collapse(into)
  }

  /** Makes room: places with fewer literals collapse too, and when that is not enough, the lighter half of the patterns is given up. */
  #prune(): void {
    while (this.#isFull(0.75) && this.#literals > FEWEST_LITERALS) {
      this.#literals >>= 1
      for (const root of this.roots.values()) this.#collapseAll(root)
    }
    if (!this.#isFull(0.75)) return
    this.#doorkeeper ??= new Doorkeeper()
    const weights: number[] = []
    for (const root of this.roots.values()) eachCounts(root, ({ keys }) => weights.push(keys))
    weights.sort((a, b) => a - b)
    const most = weights[weights.length >> 1] ?? 0
    for (const root of this.roots.values()) this.#giveUp(root, most)
  }

  #isFull(share: number): boolean {
    return this.#patterns > share * this.#limits.patterns || this.#edges > share * this.#limits.edges
  }

  #collapseAll(place: Place): void {
    if (place.literals > this.#literals) this.#collapse(place)
    for (const { next } of place.edges.values()) if (next) this.#collapseAll(next)
  }

  /** Gives up patterns of no more than `most` keys, and places that nothing is left of. */
  #giveUp(place: Place, most: number): void {
    const left: Edge[] = []
    for (const edge of place.edges.values()) {
      if (edge.counts && edge.counts.keys <= most) {
        this.other.merge(edge.counts)
        edge.counts = undefined
        this.#patterns--
      }
      if (edge.next) {
        this.#giveUp(edge.next, most)
        if (edge.next.edges.size === 0) edge.next = undefined
      }
      if (edge.counts || edge.next) left.push(edge)
    }
    if (left.length < place.edges.size) this.#rebuild(place, left)
  }

  save(): SavedTrie {
    return {
      literals: this.#literals,
      crowded: this.#doorkeeper !== undefined,
      other: this.other.save(),
      roots: Array.from(this.roots, ([db, root]) => [db, savePlace(root)]),
    }
  }

  static restore(settings: CountSettings, limits: TrieLimits, saved: SavedTrie): Trie {
    const restored = new Trie(settings, limits)
    restored.#literals = saved.literals
    if (saved.crowded) restored.#doorkeeper = new Doorkeeper()
    restored.other = PatternCounts.restore(settings, saved.other)
    for (const [db, root] of saved.roots) restored.roots.set(db, restored.#restorePlace(root))
    return restored
  }

  #restorePlace({ collapsed, candidates, edges }: SavedPlace): Place {
    const place = new Place()
    place.collapsed = collapsed
    if (candidates.length > 0) place.candidates = new Map(candidates)
    for (const [kind, text, delimiter, shortest, longest, counts, next] of edges) {
      const token = new Uint8Array(Buffer.from(text, 'latin1'))
      const edge = newEdge(kind, delimiter, token, isLiteral(kind) ? hashOf(token, 0, token.length) : 0)
      Object.assign(edge, { shortest, longest })
      if (counts) {
        edge.counts = PatternCounts.restore(this.#settings, counts)
        this.#patterns++
      }
      if (next) edge.next = this.#restorePlace(next)
      this.#put(place, edge)
    }
    return place
  }
}

type SavedEdge = [
  kind: number,
  token: string,
  delimiter: number,
  shortest: number,
  longest: number,
  counts: SavedCounts | null,
  next: SavedPlace | null,
]

interface SavedPlace {
  collapsed: boolean
  candidates: [hash: number, times: number][]
  edges: SavedEdge[]
}

/** A trie as JSON holds it. */
export interface SavedTrie {
  literals: number
  /** Patterns had to be given up. */
  crowded: boolean
  other: SavedCounts
  roots: [db: number, root: SavedPlace][]
}

function savePlace({ collapsed, candidates, edges }: Place): SavedPlace {
  const saved = Array.from(edges.values(), (edge): SavedEdge => {
    const token = Buffer.from(edge.token).toString('latin1')
    const { kind, delimiter, shortest, longest, counts, next } = edge
    return [kind, token, delimiter, shortest, longest, counts?.save() ?? null, next ? savePlace(next) : null]
  })
  return { collapsed, candidates: [...(candidates ?? [])], edges: saved }
}

function newEdge(kind: number, delimiter: number, token: Uint8Array, tokenHash: number): Edge {
  const hash = edgeHash(kind, delimiter, tokenHash)
  return { kind, token, delimiter, hash, shortest: Infinity, longest: 0, next: undefined, counts: undefined }
}

function edgeHash(kind: number, delimiter: number, tokenHash: number): number {
  return Math.imul((kind <= NUMBERED ? tokenHash : 0) ^ (kind << 8) ^ delimiter, 0x9e3779b1)
}

function findToken(place: Place, tokens: Tokens, i: number, name: Uint8Array): Edge | undefined {
  const kind = tokens.kinds[i]!
  const delimiter = tokens.delimiters[i]!
  for (let hash = edgeHash(kind, delimiter, tokens.hashes[i]!); ; hash = (hash + 1) | 0) {
    const edge = place.edges.get(hash)
    if (edge === undefined) return undefined
    if (edge.kind !== kind || edge.delimiter !== delimiter) continue
    if (kind > NUMBERED || isAt(edge.token, name, tokens.starts[i]!, tokens.ends[i]!)) return edge
  }
}

function findAny(place: Place, delimiter: number): Edge | undefined {
  return findEdge(place, newEdge(ANY, delimiter, NO_BYTES, 0))
}

function findEdge(place: Place, { kind, delimiter, token, hash: first }: Edge): Edge | undefined {
  for (let hash = first; ; hash = (hash + 1) | 0) {
    const edge = place.edges.get(hash)
    if (edge === undefined) return undefined
    if (edge.kind === kind && edge.delimiter === delimiter && isAt(edge.token, token, 0, token.length)) return edge
  }
}

function isAt(token: Uint8Array, name: Uint8Array, start: number, end: number): boolean {
  if (token.length !== end - start) return false
  for (let at = 0; at < token.length; at++) if (token[at] !== name[start + at]) return false
  return true
}

/** Keys below an edge. */
function weightOf(edge: Edge): number {
  let keys = edge.counts?.keys ?? 0
  if (edge.next) eachCounts(edge.next, (counts) => (keys += counts.keys))
  return keys
}

function eachCounts(place: Place, visit: (counts: PatternCounts) => void): void {
  for (const { counts, next } of place.edges.values()) {
    if (counts) visit(counts)
    if (next) eachCounts(next, visit)
  }
}

/**
 * Watches the literals of a collapsed place (Misra and Gries 1982): one that comes often gets an edge of its own. What of it came before
 * stays joined.
 */
function isPromoted(place: Place, hash: number): boolean {
  const candidates = (place.candidates ??= new Map())
  const times = (candidates.get(hash) ?? 0) + 1
  if (times >= PROMOTED_AT) return candidates.delete(hash)
  candidates.set(hash, times)
  if (candidates.size <= CANDIDATES) return false
  for (const [candidate, count] of candidates) {
    if (count === 1) candidates.delete(candidate)
    else candidates.set(candidate, count - 1)
  }
  return false
}

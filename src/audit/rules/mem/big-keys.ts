import type { KeyFacts, KeyspaceFacts, PatternFacts } from '../../facts.js'

/** The keys of a pattern that the scan knows by name and that pass a test, largest first; at most five. */
export function namedKeys(keyspace: KeyspaceFacts, pattern: PatternFacts, test: (key: KeyFacts) => boolean): KeyFacts[] {
  const known = [...pattern.largest, ...keyspace.top.bytes, ...keyspace.top.elements]
  const byName = new Map(known.filter((key) => key.pattern === pattern.pattern && test(key)).map((key) => [`${key.db} ${key.key}`, key]))
  return [...byName.values()].toSorted((a, b) => b.bytes - a.bytes).slice(0, 5)
}

import { z } from 'zod'
import type { PatternFacts } from '../../facts.js'
import { countOption } from '../../rule-options.js'
import { defineRule, type FindingDraft } from '../../rule.js'
import { scanLine } from '../commands.js'
import { shareOf } from '../estimates.js'
import { keyCount, percent, someOf } from '../wording.js'

/** One pattern is one kind of thing: where its keys are of several types, some command will be answered with WRONGTYPE. */
export const rule = defineRule({
  id: 'key/mixed-types',
  severity: 'warning',
  summary: 'Keys of one pattern are of different types, or not of the type that its contract names',
  needs: ['keyspace'],
  options: z.strictObject({ keys: countOption(1, 'keys of the rarer types from which it is reported') }),
  check: ({ keyspace }, { keys }) =>
    keyspace.patterns.flatMap((pattern) => {
      if (pattern.contract?.type !== undefined) return againstContract(pattern, pattern.contract.type)
      // A library's own layout is not for its user to change.
      if (pattern.other || pattern.product !== undefined) return []
      const [main, ...rarer] = byKeys(pattern)
      const stray = rarer.reduce((sum, { keys }) => sum + keys, 0)
      return main && stray > 0 && stray >= keys ? [mixed(pattern, main.type, stray)] : []
    }),
})

/** Types by their keys, most first. */
function byKeys({ types }: PatternFacts) {
  return [...types]
    .flatMap(([type, { keys }]) => (keys > 0 ? [{ type, keys }] : []))
    .toSorted((a, b) => b.keys - a.keys || (a.type < b.type ? -1 : 1))
}

function mixed(pattern: PatternFacts, main: string, stray: number): FindingDraft {
  const shares = byKeys(pattern).map(({ type, keys }) => `${type} ${percent(shareOf(keys, pattern.keys.value))}`)
  return {
    about: pattern.pattern,
    message: `${keyCount(pattern.keys)} are of ${shares.length} types: ${shares.join(', ')}`,
    evidence: { keys: pattern.keys.value, types: shares.length, mainType: main, otherKeys: stray },
    remedy: 'Give each kind of thing a name of its own, such as a last part that says what it is.',
    commands: linesFor(pattern, byKeys(pattern).slice(1)),
    examples: pattern.examples,
  }
}

function againstContract(pattern: PatternFacts, wanted: string): FindingDraft[] {
  const wrong = byKeys(pattern).filter(({ type }) => type.toLowerCase() !== wanted.toLowerCase())
  const keys = wrong.reduce((sum, each) => sum + each.keys, 0)
  if (keys === 0) return []
  return [
    {
      about: pattern.pattern,
      role: 'contract',
      severity: 'error',
      message: `${someOf(keys, pattern.keys)} ${keys === 1 ? 'is' : 'are'} ${wrong.map(({ type }) => type).join(' or ')}, though the contract says ${wanted}`,
      evidence: { keys: pattern.keys.value, wrongKeys: keys, contractType: wanted, wrongTypes: wrong.map(({ type }) => type).join(' ') },
      remedy: 'Find what writes these keys, and give them a name outside this pattern; or change the contract.',
      commands: linesFor(pattern, wrong),
      examples: pattern.largest.filter(({ type }) => type !== wanted).map(({ key }) => key),
    },
  ]
}

/** How to list the keys of each type. */
function linesFor(pattern: PatternFacts, types: readonly { type: string }[]): string[] {
  return types.flatMap(({ type }) => (/^[\w-]+$/.test(type) ? scanLine(pattern, ` --type ${type}`) : []))
}

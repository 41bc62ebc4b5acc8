import { describe, expect, test } from 'vitest'
import { compareSince } from '#redline/audit/policy/since.js'
import type { AuditResult } from '#redline/schema/audit.js'
import { about, auditResult, coverage, exactly, finding, node, pattern, rules, sampled, userPattern } from '../../support/audits.js'

const always = () => true
const then = (fields: Parameters<typeof auditResult>[0] = {}) => auditResult({ startedAt: '2026-11-15T00:00:00.000Z', ...fields })
const compare = (before: AuditResult, now: AuditResult, proves: (rule: string) => boolean = always) =>
  compareSince(before, now, proves, always)
const totals = (keys: AuditResult['totals']['keys']) => ({ ...auditResult().totals, keys })

describe('growth', () => {
  test('of what was counted is exact', () => {
    const { keys, bytes, startedAt } = compare(then({ totals: totals(exactly(900_000)) }), auditResult())
    expect([keys, bytes, startedAt]).toEqual([exactly(100_000), exactly(0), '2026-11-15T00:00:00.000Z'])
  })

  test('of estimates has an interval, in which their errors add up as roots of squares', () => {
    const { keys } = compare(then({ totals: totals(about(1000, 3)) }), auditResult({ totals: totals(about(1000, 4)) }))
    expect(keys).toEqual({ value: 0, low: -50, high: 50 })
  })

  test('of patterns is told the most bytes first, with those that came and went', () => {
    const before = then({
      patterns: [pattern({ bytes: exactly(50_000_000) }), userPattern({ pattern: 'old:<int>', bytes: exactly(1000) })],
    })
    const { patterns } = compare(before, auditResult())
    expect(patterns.map(({ pattern: name, change, bytes }) => [name, change, bytes.value])).toEqual([
      ['user:<int>', 'new', 38_100_000],
      ['session:user:<int>', 'grown', 21_000_000],
      ['old:<int>', 'gone', -1000],
    ])
  })

  test('within what a sample may be off is none', () => {
    const sizes = (value: number, percent: number) =>
      auditResult({ patterns: [pattern({ bytes: about(value, percent), keys: about(value / 100, percent) })] })
    expect(compare(sizes(1_000_000, 5), sizes(1_040_000, 5)).patterns).toEqual([])
    expect(compare(sizes(1_000_000, 5), sizes(1_400_000, 5)).patterns).toMatchObject([{ change: 'grown' }])
    expect(compare(sizes(1_400_000, 5), sizes(1_000_000, 5)).patterns).toMatchObject([{ change: 'shrunk' }])
  })

  test('of what a sample did not see is growth only where chance would hardly have hidden it', () => {
    const one = (keys: number) => auditResult({ patterns: [pattern({ keys: exactly(keys), bytes: exactly(keys * 1000) })] })
    const sample = then({ patterns: [], coverage: sampled({ keysSeen: 10_000, keysThere: 1_000_000 }) })
    expect(compare(sample, one(1)).patterns).toEqual([])
    expect(compare(sample, one(300)).patterns).toEqual([])
    expect(compare(sample, one(301)).patterns).toMatchObject([{ change: 'new', keys: { value: 301 } }])
    expect(compare(then({ patterns: [] }), one(1)).patterns).toMatchObject([{ change: 'new' }])
    const now = auditResult({ patterns: [], coverage: sampled({ keysSeen: 10_000, keysThere: 1_000_000 }) })
    expect(compare(one(1), now).patterns).toEqual([])
    expect(compare(one(1000), now).patterns).toMatchObject([{ change: 'gone' }])
  })

  test('of keys alone counts, too', () => {
    const before = then({ patterns: [pattern({ keys: exactly(500_001) })] })
    expect(compare(before, auditResult({ patterns: [pattern()] })).patterns).toMatchObject([{ change: 'shrunk', keys: exactly(-1) }])
  })
})

describe('findings', () => {
  const [lock, ttl] = [finding(), finding({ rule: 'ttl/missing', about: 'a' })]

  test('come and go', () => {
    const { fixed, added } = compare(then({ findings: [lock] }), auditResult({ findings: [ttl] }))
    expect([fixed, added]).toEqual([[{ rule: 'lock/no-ttl', about: 'lock:res:<int>' }], [{ rule: 'ttl/missing', about: 'a' }]])
  })

  test('are not fixed because nobody looked', () => {
    expect(compare(then({ findings: [lock] }), auditResult(), () => false).fixed).toEqual([])
  })

  test('are not new because nobody could see them then', () => {
    expect(compareSince(then(), auditResult({ findings: [lock, ttl] }), always, (rule) => rule !== 'lock/no-ttl').added).toEqual([
      { rule: 'ttl/missing', about: 'a' },
    ])
  })

  test('that are known or suppressed are there; one that is suppressed from the start is not told as added', () => {
    const suppressed = [{ finding: lock, reason: 'x', until: null }]
    expect(compare(then({ findings: [lock] }), auditResult({ suppressed }))).toMatchObject({ fixed: [], added: [] })
    expect(compare(then({ suppressed }), auditResult({ known: [lock] }))).toMatchObject({ fixed: [], added: [] })
    expect(compare(then(), auditResult({ suppressed }))).toMatchObject({ added: [] })
  })

  test('of a rule that was not assessed before are marked', () => {
    const { remarks } = compare(then({ rules: rules({ passed: ['ttl/missing'] }) }), auditResult({ findings: [lock, ttl] }))
    expect(remarks).toEqual(['not assessed then: lock/no-ttl'])
  })
})

test('in what two audits differ is told', () => {
  const other = { name: 'redis://cache-2:6379', topology: 'standalone' as const, nodes: [node()] }
  const before = then({ target: other, coverage: coverage({ databases: [0, 3], complete: false }) })
  expect(compare(before, auditResult({ coverage: sampled() })).remarks).toEqual([
    'target: redis://cache-2:6379 then, redis://cache-1:6379 now',
    'read: every key, not to the end then, a sample now',
    'databases: 0 3 then, 0 now',
  ])
  expect(compare(then(), auditResult()).remarks).toEqual([])
})

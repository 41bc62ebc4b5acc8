import { element, xmlText } from './xml.js'

/** A test as JUnit knows it; passed unless it has an outcome. */
export interface TestCase {
  /** What the test belongs to (`classname`). */
  group: string
  name: string
  seconds: number
  outcome?: { kind: 'failure' | 'error' | 'skipped'; type: string; message: string; details?: readonly string[] }
  /** Lines to show beside it. */
  output?: readonly string[]
}

export interface TestSuite {
  name: string
  /** ISO 8601. */
  startedAt: string
  cases: readonly TestCase[]
  properties?: Record<string, string>
}

/**
 * Suites in the XML that began with Ant's JUnit task, in the dialect that Jenkins (junit-10.xsd), GitLab and GitHub's reporters share: counts in the
 * attributes, one of failure, error and skipped in a test.
 */
export function junitXml(name: string, suites: readonly TestSuite[]): string {
  const all = suites.flatMap(({ cases }) => cases)
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    openTag('testsuites', { name, ...countsOf(all) }),
    ...suites.flatMap(suiteLines),
    '</testsuites>',
  ]
  return `${lines.join('\n')}\n`
}

function suiteLines({ name, startedAt, cases, properties }: TestSuite): string[] {
  const listed = Object.entries(properties ?? {}).map(([key, value]) => element('property', { name: key, value }))
  return [
    openTag('testsuite', { name, ...countsOf(cases), timestamp: startedAt.slice(0, 19) }),
    ...(listed.length === 0 ? [] : [`  <properties>${listed.join('')}</properties>`]),
    ...cases.map((one) => `  ${caseElement(one)}`),
    '</testsuite>',
  ]
}

function openTag(name: string, attributes: Record<string, string | number>): string {
  return element(name, attributes).replace(/\/>$/, '>')
}

function countsOf(cases: readonly TestCase[]): Record<string, string | number> {
  const count = (kind: string) => cases.filter(({ outcome }) => outcome?.kind === kind).length
  return {
    tests: cases.length,
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
    time: time(cases.reduce((sum, { seconds }) => sum + seconds, 0)),
  }
}

const time = (seconds: number) => seconds.toFixed(3)

function caseElement({ group, name, seconds, outcome, output = [] }: TestCase): string {
  const children = [
    ...(outcome === undefined ? [] : [outcomeElement(outcome)]),
    ...(output.length === 0 ? [] : [element('system-out', {}, [textLines(output)])]),
  ]
  return element('testcase', { classname: group, name, time: time(seconds) }, children)
}

function outcomeElement({ kind, type, message, details = [] }: NonNullable<TestCase['outcome']>): string {
  if (kind === 'skipped') return element('skipped', { message })
  return element(kind, { type, message }, details.length === 0 ? [] : [textLines(details)])
}

function textLines(lines: readonly string[]): string {
  return lines.map(xmlText).join('\n')
}

import { expect, test } from 'vitest'
import { baselineOfRuns, runBaselineText, runsOfSameThings } from '#redline/gate/baseline.js'
import { machineClass } from '#redline/gate/machine.js'
import { recordOf } from '#redline/gate/record.js'
import { sittingsOf } from '#redline/gate/sittings.js'
import { parseRunBaseline } from '#redline/schema/read-run-baseline.js'
import { isUsableFor } from '#redline/stats/summary.js'
import { environment, invalidity, load, round, runResult, scenario, target, variant } from '../support/results.js'

const at = (day: number, hour = 9) => new Date(Date.UTC(2026, 10, day, hour)).toISOString()
const runAt = (day: number, fields: Parameters<typeof runResult>[0] = {}) => recordOf(runResult({ startedAt: at(day), ...fields }))

test('a record has the figures of each round and nothing else; invalid rounds keep their place', () => {
  const rounds = [round(), { ...round(), validity: invalidity() }, round({ loads: [load({ achieved: 95_123.4567 })] })]
  const record = recordOf(runResult({ scenarios: [scenario({ variants: [variant({ rounds })] })] }), 'abc123')
  const [measured] = record.scenarios[0]!.variants
  expect(measured!.loads[0]!.metrics).toMatchObject({ throughput: [96_000, null, 95_123.5], p99: [920, null, 920], errors: [0, null, 0] })
  expect(measured!.generatorCpuUs).toEqual([7.3, null, 7.3])
  expect(record.label).toBe('abc123')
  expect(JSON.stringify(record).length).toBeLessThan(3000)
})

test('rounds in which a machine was busy are evidence of CPU times and counts where the other side met the same moment, and of nothing else', () => {
  const busy = round({ validity: invalidity() })
  const { loads } = recordOf(runResult({ scenarios: [scenario({ variants: [variant({ rounds: [round(), busy] })] })] }), '', isUsableFor)
    .scenarios[0]!.variants[0]!
  const { throughput, p99, server_cpu_us: cpu, errors } = loads[0]!.metrics
  expect([throughput, p99].map((values) => values!.map((value) => value !== null))).toEqual([
    [true, false],
    [true, false],
  ])
  expect([cpu, errors].map((values) => values!.map((value) => value !== null))).toEqual([
    [true, true],
    [true, true],
  ])
})

test('a baseline is read as it was written, a run a line', () => {
  const baseline = baselineOfRuns([runAt(1), runAt(2)])
  const text = runBaselineText(baseline)
  expect(parseRunBaseline(text, 'b.json')).toEqual(baseline)
  expect(text.split('\n').filter((line) => line.includes('"startedAt"'))).toHaveLength(2)
})

test('an update adds runs, each once, in order of time, and keeps the newest twenty', () => {
  const first = baselineOfRuns([runAt(3), runAt(1)])
  const second = baselineOfRuns([runAt(2), runAt(3)], first)
  expect(second.runs.map(({ startedAt }) => startedAt)).toEqual([at(1), at(2), at(3)])
  const many = baselineOfRuns(Array.from({ length: 30 }, (_, i) => runAt(i + 1)))
  expect([many.runs.length, many.runs[0]!.startedAt]).toEqual([20, at(11)])
})

test('what is no longer measured as it was is left out: another version, configuration, or scenario', () => {
  const other = [target({ version: '7.2.0' })]
  const updated = baselineOfRuns([runAt(2, { targets: other })], baselineOfRuns([runAt(1)]))
  expect(updated.runs.map(({ startedAt }) => startedAt)).toEqual([at(2)])
  const changed = runAt(3, { scenarios: [scenario({ hash: 'ab'.repeat(32) })] })
  expect(runsOfSameThings(updated, [changed])).toEqual([])
  expect(runsOfSameThings(updated, [runAt(3, { targets: other })])).toHaveLength(1)
})

test('a run is no baseline of itself', () => {
  expect(runsOfSameThings(baselineOfRuns([runAt(1), runAt(2)]), [runAt(2)]).map(({ startedAt }) => startedAt)).toEqual([at(1)])
})

test('lists of rounds that differ in length are a mistake of the file', () => {
  const text = runBaselineText(baselineOfRuns([runAt(1)])).replace(/"generatorCpuUs":\[[^\]]*\]/, '"generatorCpuUs":[1]')
  expect(() => parseRunBaseline(text, 'b.json')).toThrow(
    /b\.json has 1 mistake\n {2}runs\[0\]\.scenarios\[0\]\.variants\[0\]: its lists of rounds differ/,
  )
})

test.each([
  ['cut short', (text: string) => text.slice(0, 200), /is cut short/],
  ['foreign', () => '{"schema":"redline/baseline@1","findings":[]}', /holds "redline\/baseline@1", and not a baseline of runs/],
  ['newer', (text: string) => text.replace('run-baseline@1', 'run-baseline@2'), /this redline reads redline\/run-baseline@1/],
])('a file that is %s is told as such', (_, spoil, message) => {
  expect(() => parseRunBaseline(spoil(runBaselineText(baselineOfRuns([runAt(1)]))), 'b.json')).toThrow(message)
})

test('the class of a machine is fit for the name of a file, whatever it says of itself', () => {
  expect(machineClass(environment())).toBe('amd-epyc-7763-2-cores-8-gb-debian-gnu-linux-12')
  expect(machineClass(environment({ cpu: 'Intel(R) Xeon(R) @ 2.20GHz', container: true, governor: 'powersave' }))).toBe(
    'intel-xeon-2.20ghz-2-cores-8-gb-debian-gnu-linux-12-container-powersave',
  )
  expect(machineClass(environment({ cpu: '../../etc/passwd\u0000' }))).toMatch(/^[a-z0-9.-]+$/)
  expect(machineClass(environment({ cpu: '../../etc' }))).not.toMatch(/^\.|\//)
  expect(machineClass(environment({ kernel: '6.9.9' }))).toBe(machineClass(environment()))
})

test('runs within an hour of the one before are one sitting', () => {
  const things = [at(1, 9), at(1, 12), '2026-11-01T09:59:00.000Z', '2026-11-01T10:58:00.000Z'].map((startedAt) => ({ startedAt }))
  expect(sittingsOf(things).map((sitting) => sitting.length)).toEqual([3, 1])
})

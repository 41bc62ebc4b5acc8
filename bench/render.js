// @ts-check
/*
 * Every format of a run of 500 variants, of an audit of 10,000 findings, of the comparison of two such runs and of a gate with that comparison as its baseline, made of
 * a small run and a small audit by repeating them: the whole of `redline report` as a process of its own (reading, checking, rendering, writing), five times each. Prints seconds,
 * CPU seconds, the peak of resident memory and the size of a page.
 */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { main } from '#redline/cli/program.js'
import { COMPARED_METRICS, compareRuns } from '#redline/gate/compare-runs.js'
import { recordOf } from '#redline/gate/record.js'
import { findFormat, FORMAT_NAMES } from '#redline/report/formats.js'
import { parseAuditResult } from '#redline/schema/read-audit.js'
import { parseRunResult } from '#redline/schema/read-result.js'
import { acquireServer } from '#redline/server/acquire.js'
import { fill } from './keyspace.js'
import { median, runTimed, spread } from './tools.js'

const TIMES = Number(process.env['TIMES'] ?? 5)
const VARIANTS = 500
const FINDINGS = 10_000

const folder = mkdtempSync(join(tmpdir(), 'redline-'))

/**
 * The result of a command of redline, whatever its verdict is.
 * @param {readonly string[]} args
 */
async function resultOf(args) {
  let printed = ''
  const output = (/** @type {(text: string) => void} */ write) => ({ write, isTTY: false, columns: undefined })
  await main([...args, '--json', '--out', folder], {
    stdout: output((text) => void (printed += text)),
    stderr: output(() => undefined),
    env: process.env,
    cwd: process.cwd(),
    signal: new AbortController().signal,
    version: 'bench',
    open: () => Promise.resolve(),
  })
  return printed
}

/** All rounds count as valid: what is measured here is how they are shown. */
async function largeRun() {
  const run = parseRunResult(await resultOf(['run', 'lists/queue-push-pop', '--quick', '--rounds', '3']), 'the run')
  for (const { variants } of run.scenarios) for (const { rounds } of variants) for (const { validity } of rounds) validity.verdict = 'valid'
  const each = run.scenarios.reduce((sum, { variants }) => sum + variants.length, 0)
  const copies = Array.from({ length: Math.ceil(VARIANTS / each) }, (_, copy) =>
    run.scenarios.map((scenario) => ({ ...scenario, id: `${scenario.id}-${copy}` })),
  )
  return { ...run, scenarios: copies.flat() }
}

async function largeAudit() {
  const server = await acquireServer({}, { env: process.env, signal: new AbortController().signal, onProgress: () => undefined })
  try {
    await fill(server.url, 10_000, 'mixed')
    const audit = parseAuditResult(await resultOf(['audit', server.url, '--max-impact', 'none']), 'the audit')
    const findings = Array.from({ length: FINDINGS }, (_, i) => {
      const finding = audit.findings[i % audit.findings.length]
      if (!finding) throw new Error('the audit found nothing')
      return { ...finding, about: `${finding.about}:${i}` }
    })
    return { ...audit, findings }
  } finally {
    await server.stop()
  }
}

/**
 * Two runs of 500 variants, the second of them slower in every other variant: some metrics are worse, some the same, some can't be told.
 * @param {Awaited<ReturnType<typeof largeRun>>} run
 */
function largeComparison(run) {
  const [base, head] = [recordOf(run), recordOf(run)]
  for (const [index, variant] of head.scenarios.flatMap(({ variants }) => variants).entries())
    for (const { metrics } of variant.loads)
      for (const name of ['p50', 'p99']) if (index % 2 === 1) metrics[name] = (metrics[name] ?? []).map((value) => value && value * 4)
  const options = { design: /** @type {const} */ ('unpaired'), limit: 0.05, drift: 0.15, metrics: COMPARED_METRICS, version: 'bench' }
  return compareRuns({ name: 'base.json', runs: [base] }, { name: 'head.json', runs: [head] }, options)
}

/**
 * @param {ReturnType<typeof largeComparison>} comparison
 * @returns {import('#redline/schema/gate.js').GateDocument}
 */
function gateOf(comparison) {
  return {
    schema: 'redline/gate@1',
    tool: comparison.tool,
    verdict: 'fail',
    exitCode: 1,
    reasons: [],
    results: [{ name: '1.json', kind: 'run', startedAt: comparison.head.startedAt }],
    thresholds: [],
    baselines: [{ file: 'baseline.json', comparison }],
    changes: [],
  }
}

try {
  const run = await largeRun()
  const comparison = largeComparison(run)
  for (const [kind, document] of /** @type {const} */ ([
    ['run', run],
    ['audit', await largeAudit()],
    ['compare', comparison],
    ['gate', gateOf(comparison)],
  ])) {
    const file = join(folder, `${kind}.json`)
    writeFileSync(file, JSON.stringify(document))
    for (const name of FORMAT_NAMES) {
      const { renders } = await findFormat(name)
      if (renders[kind] === undefined) continue
      let page = 0
      const results = Array.from({ length: TIMES }, () => {
        const { printed } = runTimed([process.execPath, 'bench/render-process.js', file, name, join(folder, 'out')])
        if (name === 'html') page = statSync(join(folder, 'out')).size
        rmSync(join(folder, 'out'), { recursive: true })
        /** @type {{ seconds: number, cpuSeconds: number, residentMb: number }} */
        const measured = JSON.parse(printed)
        return measured
      })
      const memory = median(results.map(({ residentMb }) => residentMb)).toFixed(0)
      const cpu = spread(results.map(({ cpuSeconds }) => cpuSeconds))
      const size = page > 0 ? `, a page of ${(page / 1e6).toFixed(2)} MB` : ''
      console.log(
        `${kind.padEnd(7)} ${name.padEnd(11)} ${spread(results.map(({ seconds }) => seconds))} s, ${cpu} s of CPU, ${memory} MB${size}`,
      )
    }
  }
} finally {
  rmSync(folder, { recursive: true })
}

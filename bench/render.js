// @ts-check
/*
 * Every format of a run of 500 variants and of an audit of 10,000 findings, made of a small run and a small audit by repeating them: the whole of
 * `redline report` as a process of its own (reading, checking, rendering, writing), five times each. Prints seconds, CPU seconds and the peak of resident memory.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { main } from '#redline/cli/program.js'
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

try {
  for (const [kind, document] of /** @type {const} */ ([
    ['run', await largeRun()],
    ['audit', await largeAudit()],
  ])) {
    const file = join(folder, `${kind}.json`)
    writeFileSync(file, JSON.stringify(document))
    for (const name of FORMAT_NAMES) {
      const { renders } = await findFormat(name)
      if (renders[kind] === undefined) continue
      const results = Array.from({ length: TIMES }, () => {
        const { printed } = runTimed([process.execPath, 'bench/render-process.js', file, name, join(folder, 'out')])
        rmSync(join(folder, 'out'), { recursive: true })
        /** @type {{ seconds: number, cpuSeconds: number, residentMb: number }} */
        const measured = JSON.parse(printed)
        return measured
      })
      const memory = median(results.map(({ residentMb }) => residentMb)).toFixed(0)
      const cpu = spread(results.map(({ cpuSeconds }) => cpuSeconds))
      console.log(`${kind.padEnd(6)} ${name.padEnd(11)} ${spread(results.map(({ seconds }) => seconds))} s, ${cpu} s of CPU, ${memory} MB`)
    }
  }
} finally {
  rmSync(folder, { recursive: true })
}

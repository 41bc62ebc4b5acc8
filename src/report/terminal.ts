import { safeText } from '../core/text.js'
import { formatDuration } from '../core/units.js'
import type { Inapplicable, RunResult, ScenarioResult, Target } from '../schema/result.js'
import { renderAudit } from './audit/terminal.js'
import { renderComparison } from './comparison.js'
import { engineLines, engineOf, enginesOf } from './engines.js'
import { expectationLines, saidBy, verdictOfClaim } from './expectations.js'
import type { Format } from './format.js'
import { renderGate } from './gate/terminal.js'
import { remarkLines } from './remarks.js'
import { joined, paint, separator, type Style } from './style.js'
import { sweepLines } from './sweep.js'
import { logText } from './text/log.js'
import { variantLines } from './variants.js'
import { wrap } from './wrap.js'

export const format: Format = {
  title: 'text for people, in a terminal or a log',
  renders: {
    run: (run, { style }) => renderRun(run, style),
    audit: (audit, { style }) => renderAudit(audit, style),
    compare: (result, { style }) => renderComparison(result, style),
    gate: (gate, { style }) => renderGate(gate, style),
  },
}

/**
 * A run as text for a terminal: per scenario its claim, what each variant measured and what limited it, and whether the claim
 * holds; in the end the count of it all. Depends on the saved result and the style alone, so that the same result always reads the
 * same. Everything in it that somebody could have named is made safe.
 */
export function renderRun(result: RunResult, style: Style): string {
  const blocks = [
    headerLines(result, style),
    engineLines(result, style),
    ...enginesOf(result).flatMap((engine, _, engines) => [
      engines.length > 1 ? [paint(engine, 'strong', style)] : [],
      ...result.scenarios
        .filter((scenario) => engineOf(scenario, result) === engine)
        .map((scenario) => scenarioLines(scenario, engine, style)),
      ...(result.inapplicable ?? []).filter((one) => safeText(one.engine) === engine).map((one) => inapplicableLines(one, style)),
    ]),
    footerLines(result, style),
  ].filter((lines) => lines.length > 0)
  return logText(`${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`)
}

/** What was measured, where and how often: `redline · redis 7.0.15, unpacked for this run · 2 cores · quick, 3 rounds each`. */
export function headerLines(result: RunResult, style: Style): string[] {
  const dot = separator(style)
  const { cores } = result.environment
  const parts = [
    'redline',
    ...new Set(result.targets.map(describeTarget)),
    `${cores} ${cores === 1 ? 'core' : 'cores'}`,
    `${safeText(result.profile)}${roundsEach(result.scenarios)}`,
  ]
  const [first = '', ...more] = wrap(parts.join(dot), style.width)
  return [first.replace(/^redline/, paint('redline', 'strong', style)), ...more]
}

function describeTarget({ engine, version, origin, address, ours, config }: Target): string {
  const what = `${engine} ${version}`
  const where = ours ? origin : address
  const io = Number(config['io-threads'] ?? 1) > 1 ? `, io-threads ${config['io-threads']}` : ''
  return safeText((where.startsWith(what) ? where : `${what}, ${where}`) + io)
}

function roundsEach(scenarios: readonly ScenarioResult[]): string {
  const counts = [...new Set(scenarios.map(({ roundsAsked }) => roundsAsked))]
  const [count] = counts
  return counts.length === 1 ? `, ${count} ${count === 1 ? 'round' : 'rounds'} each` : ''
}

function scenarioLines(scenario: ScenarioResult, engine: string, style: Style): string[] {
  const claim = wrap(safeText(scenario.claim), style.width - 2)
  const isSweep = scenario.variants.some(({ point }) => Object.keys(point).length > 0)
  return [
    paint(safeText(scenario.id), 'strong', style),
    ...(scenario.claim === '' ? [] : claim.map((line) => `  ${line}`)),
    ...((isSweep && sweepLines(scenario, style)) || variantLines(scenario, style)),
    ...remarkLines(scenario.variants, style),
    ...expectationLines(scenario.expectations, scenario.variants, engine, style),
    ...(scenario.expectations.length === 0 ? unasked(scenario, engine, style) : []),
  ]
}

/** A scenario that an engine can't run, and why. */
function inapplicableLines({ scenario, reason }: Inapplicable, style: Style): string[] {
  const lines = wrap(`not applicable: ${safeText(reason)}`, style.width - 2).map((line) => `  ${line}`)
  return [paint(safeText(scenario), 'strong', style), ...lines]
}

/** What the workloads of a scenario that expects nothing said. */
function unasked({ variants }: ScenarioResult, engine: string, style: Style): string[] {
  const remarks = variants.flatMap(({ id }) => saidBy(id, variants, engine))
  return remarks.flatMap((remark) => wrap(remark, style.width - 4).map((line, index) => `  ${index === 0 ? '' : '  '}${line}`))
}

function footerLines(result: RunResult, style: Style): string[] {
  const line = [...claimsCounted(result), roundsCounted(result, style), `took ${formatDuration(Math.round(result.seconds * 10) * 100)}`]
  const ended = result.interrupted
    ? 'interrupted: rounds after this were not run'
    : result.failure !== null && `ended early: ${safeText(result.failure)}`
  return [...(ended ? wrap(ended, style.width).map((text) => paint(text, 'bad', style)) : []), ...joined(line, style)]
}

/** `3 claims: 2 hold, 1 refuted, 0 inconclusive`; nothing is claimed for a scenario that expects nothing. */
export function claimsCounted({ scenarios }: RunResult): string[] {
  const verdicts = scenarios.filter(({ expectations }) => expectations.length > 0).map(({ expectations }) => verdictOfClaim(expectations))
  if (verdicts.length === 0) return []
  const count = (verdict: string) => verdicts.filter((one) => one === verdict).length
  const holding = count('holds')
  return [
    `${verdicts.length} ${verdicts.length === 1 ? 'claim' : 'claims'}: ${holding} ${holding === 1 ? 'holds' : 'hold'}, ` +
      `${count('refuted')} refuted, ${count('inconclusive')} inconclusive`,
  ]
}

/** `12 rounds, 1 suspect and 2 invalid`. */
export function roundsCounted({ scenarios }: RunResult, style: Style): string {
  const verdicts = scenarios.flatMap(({ variants }) => variants.flatMap(({ rounds }) => rounds.map(({ validity }) => validity.verdict)))
  const rounds = `${verdicts.length} ${verdicts.length === 1 ? 'round' : 'rounds'}`
  const count = (verdict: string) => verdicts.filter((one) => one === verdict).length
  const doubts = [
    ...(count('suspect') > 0 ? [paint(`${count('suspect')} suspect`, 'doubtful', style)] : []),
    ...(count('invalid') > 0 ? [paint(`${count('invalid')} invalid`, 'bad', style)] : []),
  ]
  return doubts.length === 0 ? `${rounds}, all valid` : `${rounds}, ${doubts.join(' and ')}`
}

/*
 * The public API of redline: what its own command line is built on.
 */

export { ConnectionError, EXIT, type ExitCode, InputError, InterruptedError, RedlineError, SafetyError } from './core/errors.js'
export type { OnProgress, ProgressEvent } from './core/events.js'
export { type AdHoc, planAdHoc } from './config/adhoc.js'
export { findScenarios, listShipped, readScenario, type ScenarioLocation } from './config/discover.js'
export type { Overrides } from './config/overrides.js'
export { resolveScenario } from './config/resolve.js'
export { loadScenarioFile } from './config/scenario-file.js'
export { parseRunResult } from './schema/read-result.js'
export { METRICS, type MetricName } from './schema/metrics.js'
export type * from './schema/result.js'
export type { DatasetEntry, LoadPlan, ScenarioFile, ScenarioPlan, VariantPlan } from './schema/scenario.js'
export { type Address, displayAddress, parseAddress } from './wire/address.js'
export type { RunOptions, TargetChoice } from './run/options.js'
export { run } from './run/run.js'
export { exitCodeOf } from './run/outcome.js'
export { resultToJson } from './report/json.js'
export { renderRun } from './report/terminal.js'
export { loadRule, loadRules, RULE_IDS, type RuleId, isRuleId } from './audit/rules/registry.js'
export { readRulePage } from './audit/page.js'
export { renderPage } from './report/page.js'

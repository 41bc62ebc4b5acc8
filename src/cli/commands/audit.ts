import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { type ExitCode, InputError, messageOf } from '../../core/errors.js'
import { quote } from '../../core/text.js'
import type { Audited } from '../../audit/audit.js'
import { applyPolicy, type BaselineChoice } from '../../audit/policy/apply.js'
import { baselineText } from '../../audit/policy/baseline.js'
import { exitCodeOfAudit } from '../../audit/policy/gate.js'
import { auditToJson } from '../../report/audit/json.js'
import type { Baseline } from '../../schema/baseline.js'
import type { AuditCliOptions } from '../options.js'
import { chooseOutputs, type Output, printSaved, stdoutIsTaken, writeOutputs } from '../outputs.js'
import { savePage } from '../page.js'
import { PageMaker } from '../page-maker.js'
import { saveResult } from '../save.js'
import type { World } from '../world.js'
import { auditServer } from './audit-server.js'
import { type Judgement, judgementOf } from './audit-policy.js'

/** `redline audit`: reads, judges, prints, saves. Throws RedlineError. */
export async function auditCommand(targets: readonly string[], options: AuditCliOptions, world: World): Promise<ExitCode> {
  const files = await whichAreFiles(targets, world.cwd)
  if (files.length > 0 && files.length < targets.length) throw new InputError('servers and files are audited one kind at a time')
  if (files.length === 0 && targets.length > 1)
    throw new InputError('one server at a time', {
      hint: 'of a cluster or of a primary with replicas name any one; redline finds the others',
    })
  const [target] = targets
  const instead = options.printAcl
    ? '--print-acl'
    : options.watch !== undefined
      ? '--watch'
      : options.suggestContracts && '--suggest-contracts'
  if (instead && files.length === 0 && options.format) throw new InputError(`--format is for audits, and ${instead} is none`)
  if (files.length === 0 && instead) return insteadOfAudit(target!, options, world)
  const outputs = await chooseOutputs(options, 'audit')
  const judgement = await judgementOf(options, world)
  const pages = new PageMaker()
  // Its thread loads while this process connects, and waits.
  pages.prepare()
  try {
    const audited =
      files.length > 0 ? await auditOfFiles(files, judgement, options, world) : await auditServer(target!, judgement, options, world)
    return await present(audited, judgement, { outputs, options, world, pages })
  } finally {
    await pages.stop()
  }
}

async function insteadOfAudit(target: string, options: AuditCliOptions, world: World): Promise<ExitCode> {
  if (options.printAcl) return (await import('./audit-acl.js')).printAcl(target, options, world)
  if (options.watch !== undefined) return (await import('./audit-watch.js')).watchCommand(target, options, world)
  return (await import('./audit-contracts.js')).suggestContractsCommand(target, options, world)
}

async function auditOfFiles(files: readonly string[], judgement: Judgement, options: AuditCliOptions, world: World): Promise<Audited> {
  return (await import('./audit-files.js')).auditFilesCommand(files, judgement, options, world)
}

/**
 * Those of the targets that are files: paths of something that is there. What has a scheme is an address. Throws InputError for what can
 * only be meant as a file, and is none.
 */
async function whichAreFiles(targets: readonly string[], cwd: string): Promise<string[]> {
  const kinds = await Promise.all(
    targets.map(async (target) => !target.includes('://') && (await stat(resolve(cwd, target)).catch(() => undefined))?.isFile() === true),
  )
  const missing = targets.find((target, index) => !kinds[index] && MEANS_A_FILE.test(target))
  if (missing !== undefined) throw new InputError(`there is no file ${quote(missing)}`)
  return targets.filter((_, index) => kinds[index])
}

/** A path from here, or the name of a configuration file. */
const MEANS_A_FILE = /^\.{1,2}\/|^[^:]*\.(conf|cnf|acl)$/

interface Ending {
  outputs: readonly Output[]
  options: AuditCliOptions
  world: World
  pages: PageMaker
}

async function present(audited: Audited, judgement: Judgement, { outputs, options, world, pages }: Ending): Promise<ExitCode> {
  const { audit, previous, checkpoint } = audited
  const choice = await baselineChoice(options, world)
  const { result, baseline } = applyPolicy(audit, judgement.policy, judgement.rules, { baseline: choice, previous })
  if (baseline !== undefined) await writeBaseline(baseline, options.baseline!, world)
  const saved = { kind: 'audit', document: result } as const
  // Made while the result is saved and printed, which must not wait for it; why it could not be made is told when it is to be saved.
  const made = pages.render(saved)
  made.catch(() => undefined)
  const text = auditToJson(result)
  const more = checkpoint === undefined ? {} : { 'checkpoint.json': JSON.stringify(checkpoint) }
  const path = await saveResult({ startedAt: result.startedAt, kind: 'audit', text, more }, options.out, world.cwd)
  await printSaved(saved, outputs, world)
  const notes = stdoutIsTaken(outputs) ? world.stderr : world.stdout
  await writeOutputs(saved, outputs, world, (line) => notes.write(`wrote   ${line}\n`))
  const page = await savePage(saved, path, options, world, () => made)
  notes.write(`saved   ${[path, ...page].join(', ')}\n`)
  if (checkpoint !== undefined) notes.write(`next    the same command with --resume ${dirname(path)}\n`)
  else if (result.findings[0] !== undefined) notes.write(`next    redline explain ${result.findings[0].rule}\n`)
  return exitCodeOfAudit(result)
}

async function baselineChoice(options: AuditCliOptions, world: World): Promise<BaselineChoice | undefined> {
  const { baseline: file, prune, updateBaseline } = options
  if (file === undefined) {
    if (prune || updateBaseline) throw new InputError(`${prune ? '--prune' : '--update-baseline'} goes with --baseline <file>`)
    return undefined
  }
  const text = await readFile(resolve(world.cwd, file), 'utf8').catch((error: unknown) => {
    if (updateBaseline) return undefined
    throw new InputError(`the baseline ${quote(file)} can not be read: ${messageOf(error)}`, {
      hint: 'write a first one with --update-baseline',
      cause: error,
    })
  })
  const mode = updateBaseline ? 'update' : prune ? 'prune' : 'check'
  const { parseBaseline } = await import('../../schema/read-baseline.js')
  return { file, mode, baseline: text === undefined ? undefined : parseBaseline(text, file) }
}

async function writeBaseline(baseline: Baseline, file: string, world: World): Promise<void> {
  const path = resolve(world.cwd, file)
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, baselineText(baseline))
  } catch (error) {
    throw new InputError(`the baseline ${quote(file)} can not be written: ${messageOf(error)}`, { cause: error })
  }
}

// @ts-check
/* Running other load generators, and the CPU time of whole processes. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { enginesFolder, listUnpacked, unpackedCommand } from '#redline/server/unpacked.js'

/**
 * The command that runs redis-benchmark or redis-cli: from PATH, or from an engine that redline has unpacked; undefined when there is
 * none.
 * @param {'benchmark' | 'cli'} name
 * @returns {Promise<string[] | undefined>}
 */
export async function redisTool(name) {
  const onPath = findOnPath(`redis-${name}`)
  if (onPath) return [onPath]
  for (const engine of await listUnpacked(enginesFolder(process.env))) {
    const { command } = await unpackedCommand(engine)
    const tool = join(engine.root, 'usr', 'bin', `${engine.name}-${name}`)
    if (existsSync(tool)) return [...command.slice(0, -1), tool]
  }
  return undefined
}

/** @param {string} name */
export function findOnPath(name) {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path))
}

/**
 * Runs a command to its end. Returns what it printed, and the CPU time of the whole process, in seconds, as the shell's `times`
 * tells it.
 * @param {readonly string[]} command
 * @param {{ cwd?: string, codes?: readonly number[] }} options where it runs, and the exit codes that are fine
 */
export function runTimed(command, { cwd, codes = [0] } = {}) {
  const { stdout, status, stderr } = spawnSync('sh', ['-c', '"$@"; code=$?; echo; times; exit $code', 'sh', ...command], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    ...(cwd === undefined ? {} : { cwd }),
  })
  if (status === null || !codes.includes(status)) throw new Error(`${command.join(' ')} ended with ${status}: ${stderr.slice(0, 500)}`)
  const lines = stdout.trimEnd().split('\n')
  const cpuSeconds = [...(lines.at(-1) ?? '').matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds),
    0,
  )
  return { printed: lines.slice(0, -2).join('\n'), cpuSeconds }
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[middle] ?? NaN) : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2
}

/**
 * `1.31 (1.24 to 1.35)`: median, least and greatest.
 * @param {readonly number[]} values
 * @param {number} digits
 */
export function spread(values, digits = 2) {
  return `${median(values).toFixed(digits)} (${Math.min(...values).toFixed(digits)} to ${Math.max(...values).toFixed(digits)})`
}

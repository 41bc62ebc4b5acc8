import { existsSync, readFileSync } from 'node:fs'
import os from 'node:os'
import type { Environment } from '../schema/result.js'

/** The machine that the generator runs on, as far as it can be read. */
export function readEnvironment(): Environment {
  const cpus = os.cpus()
  return {
    cpu: cpus[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memoryBytes: os.totalmem(),
    os: `${os.type()} ${os.arch()}`,
    kernel: os.release(),
    node: process.versions.node,
    container: existsSync('/.dockerenv') || existsSync('/run/.containerenv'),
    governor: firstLine('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor'),
    // "always [madvise] never": the one in brackets is in force.
    transparentHugePages: /\[(\w+)\]/.exec(firstLine('/sys/kernel/mm/transparent_hugepage/enabled') ?? '')?.[1] ?? null,
  }
}

function firstLine(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').split('\n')[0]!.trim()
  } catch {
    return null
  }
}

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { main } from '#redline/cli/program.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

export interface CliResult {
  code: number
  stdout: string
  stderr: string
}

export interface CliOptions {
  env?: NodeJS.ProcessEnv
  cwd?: string
  signal?: AbortSignal
  isTTY?: boolean
  columns?: number
}

/** The command line in this process, as a shell would run it. */
export async function redline(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const { env = process.env, cwd = ROOT, signal = new AbortController().signal, isTTY = false, columns } = options
  const written = { stdout: '', stderr: '' }
  const output = (name: 'stdout' | 'stderr') => ({ write: (text: string) => void (written[name] += text), isTTY, columns })
  const code = await main(args, { stdout: output('stdout'), stderr: output('stderr'), env, cwd, signal, version: '0.0.0-test' })
  return { code, ...written }
}

/** The command line in a process of its own, for what only a process has: signals, streams, start-up. */
export function spawnRedline(args: readonly string[], options: { env?: NodeJS.ProcessEnv; cwd?: string } = {}): SpawnedCli {
  return new SpawnedCli(spawn(process.execPath, [CLI, ...args], { cwd: options.cwd ?? ROOT, env: { ...process.env, ...options.env } }))
}

export class SpawnedCli {
  readonly child: ChildProcessWithoutNullStreams
  stdout = ''
  stderr = ''
  readonly #closed: Promise<unknown[]>

  constructor(child: ChildProcessWithoutNullStreams) {
    this.child = child
    child.stdout.on('data', (bytes: Buffer) => (this.stdout += bytes.toString()))
    child.stderr.on('data', (bytes: Buffer) => (this.stderr += bytes.toString()))
    this.#closed = once(child, 'close')
  }

  /** Resolves when the process has ended. */
  async ended(): Promise<CliResult & { signal: string | null }> {
    const [code, signal] = await this.#closed
    return {
      code: typeof code === 'number' ? code : -1,
      signal: typeof signal === 'string' ? signal : null,
      stdout: this.stdout,
      stderr: this.stderr,
    }
  }
}

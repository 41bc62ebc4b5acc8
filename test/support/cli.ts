import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { main } from '#redline/cli/program.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const CLI = fileURLToPath(new URL('../../dist/bundle/redline.js', import.meta.url))

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
  /** Instead of a browser. */
  open?: (path: string) => Promise<void>
}

/** The command line in this process, as a shell would run it. */
export async function redline(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const {
    env = process.env,
    cwd = ROOT,
    signal = new AbortController().signal,
    isTTY = false,
    columns,
    open = () => Promise.resolve(),
  } = options
  const written = { stdout: '', stderr: '' }
  const output = (name: 'stdout' | 'stderr') => ({ write: (text: string) => void (written[name] += text), isTTY, columns })
  const code = await main(args, { stdout: output('stdout'), stderr: output('stderr'), env, cwd, signal, version: '0.0.0-test', open })
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

  /** Resolves when the process has ended, with its exit code as a shell tells it: 128 + 2 when SIGINT itself ended it. */
  async ended(): Promise<CliResult> {
    const [code, signal] = await this.#closed
    const told = typeof code === 'number' ? code : signal === 'SIGINT' ? 130 : -1
    return { code: told, stdout: this.stdout, stderr: this.stderr }
  }
}

import { type ChildProcess, spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { Duplex } from 'node:stream'
import type { ServerExit } from './provider.js'

/**
 * What runs between us and a server, so that it can't outlive us. Descriptor 3 is a socket to us: it brings the server's
 * pid and exit status, and its end means that we are gone, be it by SIGKILL. The guard leads a session of its own, where
 * neither Ctrl-C nor a signal to our process group reaches it or the server. A server that has ended is started again for each
 * line that we send; that nobody else reads the line is why the one that waits for our end is ended first. Its last act kills
 * everything that is left of the group, such as a child that was saving. The shell would take a background command's input
 * from /dev/null, hence descriptor 3 and not 0.
 */
const GUARD = `
trap '' HUP INT TERM PIPE
dir=$1; shift
command -p mkdir -m 700 "$dir" || { echo "status 1" >&3; exit; }
exec 4>&2 2>/dev/null
while
  "$@" </dev/null 2>&4 3<&- 4>&- &
  server=$!
  echo "pid $server" >&3
  ( read -r _ <&3; kill -KILL "$server" ) >/dev/null 4>&- &
  watcher=$!
  wait "$server"
  status=$?
  kill -KILL "$watcher"
  wait "$watcher"
  echo "status $status" >&3
  read -r _ <&3
do :; done
command -p rm -rf "$dir"
kill -KILL 0
`
const KEPT_LOG_BYTES = 16 * 1024
const STOP_TIMEOUT_MS = 5000

/** A process that ends, and whose folder is removed, when we end. */
export class Guarded {
  /** Of the process, not of its guard; another one after a new start. Rejects when it ended before it could be told. */
  pid: Promise<number>
  readonly exited: Promise<ServerExit>
  /** Set when it has ended. */
  exit: ServerExit | undefined
  readonly dir: string
  readonly #guard: ChildProcess
  readonly #lifeline: Duplex
  #log = ''
  #status: number | undefined
  #stopping: Promise<void> | undefined
  #onPid!: (pid: number) => void
  /** Set while the process is to be killed and its guard and folder are to stay. */
  #onKilled: (() => void) | undefined

  /** Starts a command whose folder `dir`, which may not exist yet, is made first and removed at the end. */
  constructor(command: readonly string[], dir: string, env: NodeJS.ProcessEnv) {
    this.dir = dir
    this.#guard = spawn('/bin/sh', ['-c', GUARD, 'redline-guard', dir, ...command], {
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    })
    for (const stream of [this.#guard.stdout, this.#guard.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => this.#keep(text))
    this.#lifeline = duplex(this.#guard.stdio[3])
    this.exited = this.#watch()
    this.pid = this.#nextPid()
    this.#listen()
  }

  /** Its last words: whole lines of what it wrote to stdout and stderr. */
  get log(): string[] {
    return this.#log.split('\n').filter((line) => line.trim() !== '')
  }

  /** Kills the process and resolves when it is gone; its folder stays, and `start` runs the command there again. Throws when it has ended. */
  async kill(): Promise<void> {
    const pid = await this.pid
    if (this.exit) throw new Error(`it has ended (${this.exit.reason})`)
    const killed = new Promise<void>((resolve) => (this.#onKilled = resolve))
    process.kill(pid, 'SIGKILL')
    await Promise.race([killed, this.exited])
    this.#onKilled = undefined
  }

  /** Runs the command of a process that was killed again. */
  async start(): Promise<void> {
    this.pid = this.#nextPid()
    this.#lifeline.write('start\n')
    await this.pid
  }

  /** Ends the process and waits until its folder is gone. A second call waits for the first. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    this.#lifeline.destroy()
    const timer = setTimeout(() => this.#killGroup(), STOP_TIMEOUT_MS)
    await this.exited
    clearTimeout(timer)
    await rm(this.dir, { recursive: true, force: true })
  }

  #keep(text: string): void {
    this.#log = (this.#log + text).slice(-KEPT_LOG_BYTES)
  }

  #nextPid(): Promise<number> {
    const pid = new Promise<number>((resolve, reject) => {
      this.#onPid = resolve
      void this.exited.then(() => reject(new Error('it ended at once')))
    })
    pid.catch(() => undefined)
    return pid
  }

  #listen(): void {
    createInterface({ input: this.#lifeline }).on('line', (line) => {
      const [word, value] = line.split(' ')
      if (word === 'pid') this.#onPid(Number(value))
      if (word !== 'status') return
      this.#status = Number(value)
      if (this.#onKilled) this.#onKilled()
      // It ended of itself: its guard needs not wait for us.
      else this.#lifeline.destroy()
    })
  }

  #watch(): Promise<ServerExit> {
    return new Promise((resolve) => {
      let failure: string | undefined
      this.#guard.on('error', (error) => (failure = error.message))
      this.#lifeline.on('error', () => undefined)
      // A guard that was killed itself leaves the server behind; otherwise the group is gone already.
      this.#guard.on('exit', () => this.#killGroup())
      this.#guard.on('close', () => {
        const expected = this.#stopping !== undefined
        const reason = failure ?? (expected ? 'stopped' : describeStatus(this.#status))
        this.exit = { expected, reason, log: this.log.slice(-10) }
        resolve(this.exit)
      })
    })
  }

  #killGroup(): void {
    try {
      process.kill(-this.#guard.pid!, 'SIGKILL')
    } catch {
      // No such group: everything in it has ended.
    }
  }
}

function duplex(stream: unknown): Duplex {
  if (stream instanceof Duplex) return stream
  throw new TypeError('descriptor 3 of the guard is not a socket')
}

/** What a shell's `$?` says of how a command ended. */
function describeStatus(status: number | undefined): string {
  if (status === undefined) return 'killed together with its guard'
  return status > 128 ? `killed by signal ${status - 128}` : `exit code ${status}`
}

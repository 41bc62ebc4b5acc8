import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { StartedTestContainer } from 'testcontainers'
import { messageOf } from '../../core/errors.js'
import { safeText } from '../../core/text.js'
import { configArguments, refusedConfig } from '../config.js'
import { findDocker, removeContainers, RUN_LABEL } from '../docker.js'
import { type Engine, type EngineName, imageOf, parseVersion, settleWish } from '../engine.js'
import { assertCondition, freePort, QUIET } from '../launch.js'
import { answersPing } from '../ping.js'
import {
  type Provider,
  type RunningServer,
  type ServerCondition,
  type ServerContext,
  type ServerExit,
  Unavailable,
  urlOf,
  type Wanted,
} from '../provider.js'

const PORT = 6379
const PULL_TIMEOUT_MS = 60_000
const START_TIMEOUT_MS = 45_000

/** The official image, through testcontainers, published on loopback only. */
export const containerProvider: Provider = {
  title: 'a container',
  async start(wanted, context) {
    if (wanted.listen === 'unix') throw new Unavailable('a container shares no unix socket with its host')
    await findDocker(context.env)
    const { name, generation } = settleWish(wanted.engine)
    const image = imageOf({ name, generation })
    await within(PULL_TIMEOUT_MS, `pulling ${image}`, context.signal, (signal) => ensureImage(image, signal, context))
    const container = new Container(image, wanted, context)
    try {
      return await within(START_TIMEOUT_MS, `starting ${image}`, context.signal, (signal) => container.start(name, signal))
    } catch (error) {
      const log = await container.log().catch(() => [])
      await container.stop()
      throw refusedConfig(log, { name, version: generation }) ?? failure(`${image} can't be started`, error)
    }
  },
}

/** Pulls an image that is not there. Its own pull and not testcontainers', which can't be ended. */
async function ensureImage(image: string, signal: AbortSignal, context: ServerContext): Promise<void> {
  const { getContainerRuntimeClient, ImageName } = await import('testcontainers')
  const client = await getContainerRuntimeClient()
  if (await client.image.exists(ImageName.fromString(image))) return
  context.onProgress({ kind: 'step', message: `pulling ${image}` })
  const { dockerode } = client.container
  try {
    const stream = await dockerode.pull(image, { abortSignal: signal })
    await new Promise<void>((resolve, reject) => {
      dockerode.modem.followProgress(stream, (error: Error | null) => (error ? reject(error) : resolve()))
    })
  } catch (error) {
    throw failure(`${image} can't be pulled`, error)
  }
}

function failure(what: string, error: unknown): Error {
  return new Error(`${what}: ${safeText(messageOf(error).trim())}`, { cause: error })
}

/** One container, which is removed when it is stopped or when this process is gone. */
class Container {
  readonly #run = randomUUID()
  readonly #guard: ChildProcess
  readonly #image: string
  readonly #wanted: Wanted
  #id: string | undefined
  #ended!: (exit: ServerExit) => void
  readonly exited = new Promise<ServerExit>((resolve) => (this.#ended = resolve))
  #stopping: Promise<void> | undefined
  #kills = 0

  constructor(image: string, wanted: Wanted, context: ServerContext) {
    this.#image = image
    this.#wanted = wanted
    const script = fileURLToPath(new URL('../container-guard.js', import.meta.url))
    this.#guard = spawn(process.execPath, [script, this.#run], { env: context.env, detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
    this.#guard.on('error', () => undefined)
    this.#guard.stdin?.on('error', () => undefined)
    // It looks a second time when we have stopped the container, which nobody has to wait for.
    this.#guard.unref()
  }

  async start(engine: EngineName, signal: AbortSignal): Promise<RunningServer> {
    const container = await Promise.race([this.#create(engine), this.#death()])
    const address = { host: '127.0.0.1', port: container.getMappedPort(PORT) }
    await this.#untilReady(address, signal)
    const found = parseVersion((await container.exec([`${engine}-server`, '--version'])).stdout)
    if (!found) throw new Error(`${this.#image} holds neither Redis nor Valkey`)
    return new ContainerServer(this, address, found, `container ${this.#image}`)
  }

  /** Freezes all of it. */
  async pause(): Promise<void> {
    await (await this.#own()).pause()
  }

  async resume(): Promise<void> {
    await (await this.#own()).unpause()
  }

  /** Ends its process at once; the container and what it has on disk stay. */
  async kill(): Promise<void> {
    const container = await this.#own()
    this.#kills++
    const ended = container.wait({ condition: 'not-running' })
    // What is frozen takes no signal.
    if ((await container.inspect()).State.Paused) await container.unpause()
    await container.kill({ signal: 'SIGKILL' })
    await ended
  }

  /** Starts it again, and resolves when it answers. */
  async restart(address: { host: string; port: number }): Promise<void> {
    const container = await this.#own()
    await container.start()
    this.#watchExit(container)
    const signal = AbortSignal.timeout(START_TIMEOUT_MS)
    await this.#untilReady(address, signal)
  }

  async #own() {
    if (this.#id === undefined || this.#stopping) throw new Error(`the container of ${this.#image} is gone`)
    return dockerContainer(this.#id)
  }

  async #untilReady(address: { host: string; port: number }, signal: AbortSignal): Promise<void> {
    while (!(await answersPing(address))) {
      signal.throwIfAborted()
      await Promise.race([sleep(20), this.#death()])
    }
  }

  async #create(engine: EngineName): Promise<StartedTestContainer> {
    const { GenericContainer, Wait } = await import('testcontainers')
    const created = (id: string) => this.#watch(id)
    // Docker would choose another one each time that the container is started.
    const hostPort = String(await freePort())
    class Loopback extends GenericContainer {
      protected override async beforeContainerCreated(): Promise<void> {
        this.hostConfig.PortBindings = { [`${PORT}/tcp`]: [{ HostIp: '127.0.0.1', HostPort: hostPort }] }
      }
      protected override containerCreated = created
    }
    return new Loopback(this.#image)
      .withExposedPorts(PORT)
      .withLabels({ [RUN_LABEL]: this.#run })
      .withCommand([`${engine}-server`, '--protected-mode', 'no', ...configArguments({ ...QUIET, ...this.#wanted.config })])
      .withWaitStrategy(Wait.forAll([]))
      .start()
  }

  /** Between creation and start: the moment from which its end can be waited for. */
  async #watch(id: string): Promise<void> {
    if (this.#stopping) {
      await removeContainers(this.#run)
      throw new Error('it was stopped')
    }
    this.#id = id
    this.#watchExit(await dockerContainer(id))
  }

  #watchExit(container: DockerContainer): void {
    const kills = this.#kills
    const ended = async () => {
      if (kills === this.#kills) this.#ended(await this.#describeExit())
    }
    container.wait({ condition: 'next-exit' }).then(ended, ended)
  }

  async #describeExit(): Promise<ServerExit> {
    const state =
      this.#stopping || !this.#id ? undefined : (await (await dockerContainer(this.#id)).inspect().catch(() => undefined))?.State
    return {
      expected: this.#stopping !== undefined,
      reason: state ? `exit code ${state.ExitCode}` : 'removed',
      log: this.#stopping ? [] : await this.log().catch(() => []),
    }
  }

  async #death(): Promise<never> {
    const { reason, log } = await this.exited
    throw new Error(`it ended at once (${reason})${log.length > 0 ? `: ${safeText(log.at(-1)!)}` : ''}`)
  }

  /** The last lines that the server wrote. */
  async log(): Promise<string[]> {
    if (!this.#id) return []
    const bytes = await (await dockerContainer(this.#id)).logs({ stdout: true, stderr: true, tail: 20 })
    return withoutFrames(bytes)
      .split('\n')
      .filter((line) => line.trim() !== '')
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#remove()
    return this.#stopping
  }

  async #remove(): Promise<void> {
    try {
      await removeContainers(this.#run)
    } finally {
      this.#guard.stdin?.end()
      // Of one that was killed before, no exit is to come.
      this.#ended({ expected: true, reason: 'removed', log: [] })
    }
  }
}

/** The server in a container, to whoever holds it. */
class ContainerServer implements RunningServer {
  readonly address: { host: string; port: number }
  readonly url: string
  readonly engine: EngineName
  readonly version: string
  readonly origin: string
  readonly pid = undefined
  readonly exited: Promise<ServerExit>
  condition: ServerCondition = 'running'
  readonly #container: Container

  constructor(container: Container, address: { host: string; port: number }, found: Engine, origin: string) {
    this.#container = container
    this.address = address
    this.url = urlOf(address)
    this.engine = found.name
    this.version = found.version
    this.origin = origin
    this.exited = container.exited
  }

  async pause(): Promise<void> {
    assertCondition(this, 'running')
    await this.#container.pause()
    this.condition = 'paused'
  }

  async resume(): Promise<void> {
    assertCondition(this, 'paused')
    await this.#container.resume()
    this.condition = 'running'
  }

  async kill(): Promise<void> {
    assertCondition(this, 'running', 'paused')
    await this.#container.kill()
    this.condition = 'killed'
  }

  async restart(): Promise<void> {
    assertCondition(this, 'killed')
    await this.#container.restart(this.address)
    this.condition = 'running'
  }

  stop(): Promise<void> {
    return this.#container.stop()
  }
}

type DockerContainer = Awaited<ReturnType<typeof dockerContainer>>

async function dockerContainer(id: string) {
  const { getContainerRuntimeClient } = await import('testcontainers')
  return (await getContainerRuntimeClient()).container.getById(id)
}

/** Docker sends both streams in one, each piece after a header of 8 bytes: stream, three zeros, length. */
function withoutFrames(bytes: Buffer): string {
  const pieces: Buffer[] = []
  for (let at = 0; at + 8 <= bytes.length; at += 8 + bytes.readUInt32BE(at + 4)) {
    pieces.push(bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at + 4)))
  }
  return Buffer.concat(pieces).toString()
}

/** Ends the wait for work when its time is over or the signal says so; the work itself may go on unobserved. */
async function within<T>(ms: number, what: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const timeout = AbortSignal.timeout(ms)
  const either = AbortSignal.any([signal, timeout])
  const working = work(either)
  working.catch(() => undefined)
  return Promise.race([
    working,
    new Promise<never>((_, reject) => {
      either.addEventListener('abort', () => reject(timeout.aborted ? new Error(`${what} took longer than ${ms / 1000} s`) : either.reason))
    }),
  ])
}

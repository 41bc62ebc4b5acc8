import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { StartedTestContainer } from 'testcontainers'
import { messageOf } from '../../core/errors.js'
import { safeText } from '../../core/text.js'
import { configArguments, refusedConfig } from '../config.js'
import { findDocker, removeContainers, RUN_LABEL } from '../docker.js'
import { type EngineName, imageOf, parseVersion, settleWish } from '../engine.js'
import { QUIET } from '../launch.js'
import { answersPing } from '../ping.js'
import { type Provider, type RunningServer, type ServerContext, type ServerExit, Unavailable, urlOf, type Wanted } from '../provider.js'

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
  readonly #exited = new Promise<ServerExit>((resolve) => (this.#ended = resolve))
  #stopping: Promise<void> | undefined

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
    while (!(await answersPing(address))) {
      signal.throwIfAborted()
      await Promise.race([sleep(20), this.#death()])
    }
    const found = parseVersion((await container.exec([`${engine}-server`, '--version'])).stdout)
    if (!found) throw new Error(`${this.#image} holds neither Redis nor Valkey`)
    return {
      address,
      url: urlOf(address),
      engine: found.name,
      version: found.version,
      origin: `container ${this.#image}`,
      pid: undefined,
      exited: this.#exited,
      stop: () => this.stop(),
    }
  }

  async #create(engine: EngineName): Promise<StartedTestContainer> {
    const { GenericContainer, Wait } = await import('testcontainers')
    const created = (id: string) => this.#watch(id)
    class Loopback extends GenericContainer {
      protected override async beforeContainerCreated(): Promise<void> {
        this.hostConfig.PortBindings = { [`${PORT}/tcp`]: [{ HostIp: '127.0.0.1', HostPort: '0' }] }
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
    const container = await this.#docker(id)
    container.wait({ condition: 'next-exit' }).then(
      async () => this.#ended(await this.#describeExit()),
      async () => this.#ended(await this.#describeExit()),
    )
  }

  async #describeExit(): Promise<ServerExit> {
    const state = this.#stopping || !this.#id ? undefined : (await (await this.#docker(this.#id)).inspect().catch(() => undefined))?.State
    return {
      expected: this.#stopping !== undefined,
      reason: state ? `exit code ${state.ExitCode}` : 'removed',
      log: this.#stopping ? [] : await this.log().catch(() => []),
    }
  }

  async #death(): Promise<never> {
    const { reason, log } = await this.#exited
    throw new Error(`it ended at once (${reason})${log.length > 0 ? `: ${safeText(log.at(-1)!)}` : ''}`)
  }

  /** The last lines that the server wrote. */
  async log(): Promise<string[]> {
    if (!this.#id) return []
    const bytes = await (await this.#docker(this.#id)).logs({ stdout: true, stderr: true, tail: 20 })
    return withoutFrames(bytes)
      .split('\n')
      .filter((line) => line.trim() !== '')
  }

  async #docker(id: string) {
    const { getContainerRuntimeClient } = await import('testcontainers')
    return (await getContainerRuntimeClient()).container.getById(id)
  }

  stop(): Promise<void> {
    this.#stopping ??= removeContainers(this.#run).finally(() => this.#guard.stdin?.end())
    return this.#stopping
  }
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

import type { OnProgress } from '../core/events.js'
import { displayAddress } from '../wire/address.js'
import type { EngineName, EngineWish } from './engine.js'

/** Where a server listens. */
export type ServerAddress = { host: string; port: number } | { path: string }

/** What the outside world is to whoever gets a server. */
export interface ServerContext {
  env: NodeJS.ProcessEnv
  /** Ends the search and whatever it has started; a server that was handed over is its holder's to stop. */
  signal: AbortSignal
  onProgress: OnProgress
}

/** A server that was asked for, checked and complete. */
export interface Wanted {
  engine: EngineWish
  /** Directives as they stand in redis.conf, without those that redline sets. */
  config: Record<string, string>
  listen: 'tcp' | 'unix'
}

/** How a server came to its end. */
export interface ServerExit {
  /** Whether `stop` asked for it. */
  expected: boolean
  /** `exit code 1`, `killed by signal 9`. */
  reason: string
  /** The last lines of its log. */
  log: string[]
}

export type ServerCondition = 'running' | 'paused' | 'killed'

/** A server that was started for this run. It ends with the process that holds it, however that ends. */
export interface RunningServer {
  address: ServerAddress
  /** The address as a URL, without credentials. */
  url: string
  engine: EngineName
  /** Full version: `7.0.15`. */
  version: string
  /** How it was come by: `redis-server on PATH`, `redis 7.0.15, unpacked for this run`, `container redis:7.0`. */
  origin: string
  /** Process id, another one after a restart; undefined in a container. */
  readonly pid: number | undefined
  /** What was done to it last; a killed server holds its address and its folder. */
  readonly condition: ServerCondition
  /** Resolves when the server has ended, also when nobody asked it to. Never rejects. */
  exited: Promise<ServerExit>
  /** Stops its process where it is (SIGSTOP): it holds its connections and answers nothing. */
  pause(): Promise<void>
  /** Lets a paused server go on (SIGCONT). */
  resume(): Promise<void>
  /** SIGKILL; resolves when the process is gone. What it had persisted stays. */
  kill(): Promise<void>
  /** Starts a killed server again, at the same address and with the same folder, and waits until it answers. */
  restart(): Promise<void>
  /** Ends the server and removes everything it kept. A second call waits for the first. */
  stop(): Promise<void>
}

/** One way of getting a server. */
export interface Provider {
  /** What is looked for, in a few words: `redis-server or valkey-server on PATH`. */
  readonly title: string
  /** Throws Unavailable when there is none this way, InputError when the wish itself is wrong, anything else when it failed. */
  start(wanted: Wanted, context: ServerContext): Promise<RunningServer>
}

/** This provider has no such server here, which is nothing to worry about. The message is the reason. */
export class Unavailable extends Error {}

/** `redis://127.0.0.1:7001`, `unix:///tmp/redis.sock`. */
export function urlOf(address: ServerAddress): string {
  const plain = { db: 0, username: undefined, password: undefined, tls: undefined }
  return 'path' in address
    ? displayAddress({ transport: 'unix', host: '', port: 0, path: address.path, ...plain })
    : displayAddress({ transport: 'tcp', ...address, path: undefined, ...plain })
}

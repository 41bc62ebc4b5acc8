import { Worker } from 'node:worker_threads'
import { ConnectionError } from '../core/errors.js'
import type { Outcome } from '../workloads/workload.js'
import type { Answer, Command, LoadSlice, Phase, PhaseReport } from './messages.js'

/** Generator threads, kept between rounds so that a round does not begin with cold code. */
export class GeneratorPool {
  readonly #threads: GeneratorThread[] = []

  /** Opens the connections of every slice, one thread each. Throws ConnectionError when any fails; then none stays open. */
  async open(slices: readonly LoadSlice[], signal: AbortSignal): Promise<OpenLoads> {
    while (this.#threads.length < slices.length) this.#threads.push(new GeneratorThread())
    const threads = this.#threads.slice(0, slices.length)
    const abort = () => {
      for (const thread of threads) thread.post({ kind: 'abort' })
    }
    signal.throwIfAborted()
    signal.addEventListener('abort', abort, { once: true })
    const close = () => {
      signal.removeEventListener('abort', abort)
      for (const thread of threads) thread.post({ kind: 'close' })
    }
    const settled = await Promise.allSettled(threads.map((thread, i) => thread.ask({ kind: 'open', slice: slices[i]! })))
    const failed = settled.find((result) => result.status === 'rejected')
    if (failed) {
      close()
      throw failed.reason
    }
    return {
      runPhase: (phases) => Promise.all(threads.map((thread, i) => thread.run(phases[i]!))),
      settle: () => Promise.all(threads.map((thread) => thread.settle())),
      close,
    }
  }

  /** Ends all threads. */
  async stop(): Promise<void> {
    await Promise.all(this.#threads.splice(0).map((thread) => thread.stop()))
  }
}

/** Loads whose connections are open. */
export interface OpenLoads {
  /** Runs one phase over all slices at once; `phases` are in the order of the slices. */
  runPhase(phases: readonly Phase[]): Promise<PhaseReport[]>
  /** What the referee of each slice found, in their order; undefined where a slice has none. */
  settle(): Promise<(Outcome | undefined)[]>
  close(): void
}

interface Waiting {
  resolve(answer: Answer): void
  reject(error: Error): void
}

class GeneratorThread {
  readonly #worker = new Worker(new URL('./thread.js', import.meta.url))
  #waiting: Waiting | undefined

  constructor() {
    this.#worker.on('message', (answer: Answer) => this.#settle((waiting) => settleWith(waiting, answer)))
    this.#worker.on('error', (error) => this.#settle((waiting) => waiting.reject(error)))
    this.#worker.on('exit', () => this.#settle((waiting) => waiting.reject(new Error('a generator thread ended'))))
  }

  post(command: Command): void {
    this.#worker.postMessage(command)
  }

  ask(command: Command): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.post(command)
    })
  }

  async run(phase: Phase): Promise<PhaseReport> {
    const answer = await this.ask({ kind: 'phase', phase })
    if (answer.kind !== 'phase') throw new Error(`a generator thread answered ${answer.kind} to a phase`)
    return answer.report
  }

  async settle(): Promise<Outcome | undefined> {
    const answer = await this.ask({ kind: 'settle' })
    if (answer.kind !== 'settled') throw new Error(`a generator thread answered ${answer.kind} to settle`)
    return answer.outcome
  }

  async stop(): Promise<void> {
    await this.#worker.terminate()
  }

  #settle(settle: (waiting: Waiting) => void): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting) settle(waiting)
  }
}

function settleWith(waiting: Waiting, answer: Answer): void {
  if (answer.kind !== 'failed') waiting.resolve(answer)
  else if (answer.exitCode === undefined) waiting.reject(Object.assign(new Error(answer.message), { stack: answer.stack }))
  else waiting.reject(new ConnectionError(answer.message, answer.hint === undefined ? {} : { hint: answer.hint }))
}

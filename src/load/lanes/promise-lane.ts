import { messageOf } from '../../core/errors.js'
import { CommandError } from '../../wire/client.js'
import { ReplyError } from '../../wire/decoder.js'
import type { Lane } from './lane.js'

/**
 * A lane whose operations are promises: one of `start()` is one operation. For drivers and multi-step workloads, which build
 * their replies anyway.
 */
export class PromiseLane implements Lane {
  onReplies: Lane['onReplies'] = () => undefined
  onLost: Lane['onLost'] = () => undefined
  isOpen = true
  readonly errors = new Map<string, number>()
  readonly #start: (count: number) => Promise<unknown>[]
  readonly #end: () => void

  /**
   * @param start begins `count` operations, which settle in the order of their start; one that rejects with an error
   *   reply counts as answered with that error, any other rejection ends the lane
   * @param end gives up what the operations run on
   */
  constructor(start: (count: number) => Promise<unknown>[], end: () => void) {
    this.#start = start
    this.#end = end
  }

  send(count: number): void {
    for (const operation of this.#start(count)) {
      operation.then(
        () => this.#answered(),
        (error: unknown) => this.#failed(error),
      )
    }
  }

  close(): void {
    this.isOpen = false
    this.#end()
  }

  #answered(): void {
    if (this.isOpen) this.onReplies(1, performance.now())
  }

  #failed(error: unknown): void {
    const reply = error instanceof CommandError ? error.reply : error
    if (reply instanceof ReplyError) {
      this.errors.set(reply.code, (this.errors.get(reply.code) ?? 0) + 1)
      this.#answered()
    } else if (this.isOpen) {
      this.close()
      this.onLost(error instanceof Error ? error : new Error(messageOf(error)))
    }
  }
}

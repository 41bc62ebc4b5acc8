import { Worker } from 'node:worker_threads'
import type { Saved } from '../schema/saved-kinds.js'
import { renderPage } from './outputs.js'

/** What the thread answers: the page, or why there is none. */
export type MadePage = { page: string } | { failure: string }

/**
 * Makes a page: here, or once it has been told to prepare in a thread of its own, which loads the library of charts while there is
 * something to wait for.
 */
export class PageMaker {
  #worker: Worker | undefined

  /** Starts the thread; a second call does nothing. */
  prepare(): void {
    if (this.#worker) return
    this.#worker = new Worker(new URL('page-worker.js', import.meta.url))
    // A thread that nobody asks for a page does not keep the process; why it can't make one is told when one is asked for.
    this.#worker.on('error', () => undefined).unref()
  }

  /** Throws what makes a document no page: InputError for a histogram that can't be decoded; an Error when the thread ended. */
  async render(saved: Saved): Promise<string> {
    const worker = this.#worker
    if (!worker) return renderPage(saved)
    const answer = new Promise<MadePage>((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
      worker.once('exit', () => reject(new Error('the thread of pages ended')))
    })
    worker.ref()
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- the port of a thread has no origin
    worker.postMessage(saved)
    const made = await answer
    if ('failure' in made) throw new Error(made.failure)
    return made.page
  }

  /** Ends the thread. */
  async stop(): Promise<void> {
    await this.#worker?.terminate()
    this.#worker = undefined
  }
}

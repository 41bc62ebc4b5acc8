import type { ProgressEvent } from '../core/events.js'
import { safeText } from '../core/text.js'
import { formatCount, formatDuration } from '../core/units.js'
import type { World } from './world.js'

const CLEAR_LINE = '\r\u001b[2K'

/**
 * Tells stderr what goes on: steps and warnings as lines of their own, the rest as one line that is written over, on terminals
 * only.
 */
export class Progress {
  readonly #world: World
  #scenario = ''
  #line = ''
  /** Steps that were told: what is looked for before each server of a run is told once. */
  readonly #told = new Set<string>()

  constructor(world: World) {
    this.#world = world
  }

  readonly onEvent = (event: ProgressEvent): void => {
    switch (event.kind) {
      case 'step':
        if (!this.#told.has(event.message)) this.#say(event.message)
        this.#told.add(event.message)
        break
      case 'warning':
        this.#say(`warning: ${event.message}`)
        break
      case 'scenario':
        this.#scenario = `${event.index + 1}/${event.of} ${event.id}`
        this.#show(this.#scenario)
        break
      case 'dataset':
        this.#show(`${this.#scenario} · writing its data: ${formatCount(event.done)} of ${formatCount(event.of)} keys`)
        break
      case 'round': {
        // Whole seconds: the estimate is no better than that.
        const left = formatDuration(Math.ceil(event.remainingMs / 1000) * 1000)
        this.#show(
          `${this.#scenario} · ${event.variant} · round ${event.round}${event.of === undefined ? '' : ` of ${event.of}`} · ${event.of === undefined ? 'at most ' : ''}${left} left`,
        )
        break
      }
      case 'round-end':
        break
      case 'scan': {
        const note = event.note === undefined ? '' : ` · ${event.note}`
        this.#show(`reading keys: ${formatCount(event.keys)} of ${formatCount(event.of)}, ${formatCount(event.keysPerSecond)}/s${note}`)
        break
      }
    }
  }

  /** Takes the line away. */
  stop(): void {
    if (this.#line !== '') this.#world.stderr.write(CLEAR_LINE)
    this.#line = ''
  }

  #say(message: string): void {
    const line = this.#line
    this.stop()
    this.#world.stderr.write(`${safeText(message)}\n`)
    if (line !== '') this.#show(line)
  }

  #show(line: string): void {
    const { stderr } = this.#world
    if (!stderr.isTTY) return
    const columns = (stderr.columns ?? 80) - 1
    this.#line = line
    stderr.write(CLEAR_LINE + Array.from(safeText(line)).slice(0, columns).join(''))
  }
}

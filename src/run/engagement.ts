import { InputError } from '../core/errors.js'
import type { Target } from '../schema/result.js'
import { displayAddress } from '../wire/address.js'
import type { Allowance } from '../redis/safety.js'
import type { Place } from './options.js'
import { Session, type SessionContext } from './session.js'

/** Servers of a configuration that no scenario needs any more: starting one again takes longer than letting it idle, but memory is not ours. */
const MOST_IDLE = 2

/** The servers of a run in one place: one for each configuration that its scenarios ask for, shared by all of them. */
export class Engagement {
  readonly #place: Place
  readonly #context: SessionContext
  readonly #targets: Target[]
  /** By configuration; the one that was asked for last comes last. */
  readonly #sessions = new Map<string, Session>()

  /** What the servers are is added to `targets`. */
  constructor(place: Place, context: SessionContext, targets: Target[]) {
    this.#place = place
    this.#context = context
    this.#targets = targets
  }

  /** What the user allows on a server that is not ours. */
  get allowance(): ReadonlySet<Allowance> {
    return 'allow' in this.#place ? this.#place.allow : new Set()
  }

  targetIndex({ target }: Session): number {
    return this.#targets.indexOf(target)
  }

  /** The server of a configuration, for the scenario that asks. Throws InputError where redline may not configure it. */
  async sessionFor(scenario: string, config: Record<string, string>): Promise<Session> {
    const wishes = Object.keys(config)
    if ('address' in this.#place && wishes.length > 0) {
      throw new InputError(
        `${scenario} needs a server with ${wishes.join(', ')} set, and redline changes no configuration of ${displayAddress(this.#place.address)}`,
        {
          hint: 'leave out --target, or leave out this scenario',
        },
      )
    }
    const key = JSON.stringify(Object.entries(config).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    const session = this.#sessions.get(key) ?? (await this.#open(config))
    this.#sessions.delete(key)
    this.#sessions.set(key, session)
    return session
  }

  /** One more server of the same engine, which is the caller's to close. */
  extraServer(config: Record<string, string>): Promise<Session> {
    return Session.openOwn(this.#engine, config, this.#context)
  }

  /** Ends the servers that were not asked for lately, when a scenario is over. */
  async retire(): Promise<void> {
    const idle = [...this.#sessions].slice(0, -MOST_IDLE)
    for (const [key] of idle) this.#sessions.delete(key)
    await Promise.all(idle.map(([, session]) => session.close()))
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map((session) => session.close()))
  }

  get #engine(): string | undefined {
    return 'engine' in this.#place ? this.#place.engine : undefined
  }

  async #open(config: Record<string, string>): Promise<Session> {
    const session = await ('address' in this.#place
      ? Session.openForeign(this.#place.address, this.#context)
      : Session.openOwn(this.#engine, config, this.#context))
    this.#targets.push(session.target)
    return session
  }
}

import { InputError } from '../core/errors.js'
import { GeneratorPool } from '../load/pool.js'
import type { Target } from '../schema/result.js'
import type { ScenarioPlan } from '../schema/scenario.js'
import { displayAddress } from '../wire/address.js'
import type { RunOptions } from './options.js'
import { openForeign, openOwn, type Session } from './session.js'

/** The servers of a run: one for all scenarios, and one more for each configuration that a scenario asks for. */
export class Engagement {
  readonly pool = new GeneratorPool()
  readonly #options: RunOptions
  readonly #sessions = new Map<string, Session>()

  constructor(options: RunOptions) {
    this.#options = options
  }

  get targets(): Target[] {
    return [...this.#sessions.values()].map(({ target }) => target)
  }

  targetIndex(session: Session): number {
    return [...this.#sessions.values()].indexOf(session)
  }

  async sessionFor({ id, variants }: ScenarioPlan): Promise<Session> {
    const { config } = variants[0]!.server
    const { target } = this.#options
    const wishes = Object.keys(config)
    if ('address' in target && wishes.length > 0) {
      throw new InputError(
        `${id} needs a server with ${wishes.join(', ')} set, and redline changes no configuration of ${displayAddress(target.address)}`,
        {
          hint: 'leave out --target, or leave out this scenario',
        },
      )
    }
    const key = JSON.stringify(config)
    const known = this.#sessions.get(key)
    if (known) return known
    const session = await ('address' in target ? openForeign(target.address, this.#options) : openOwn(target.engine, config, this.#options))
    this.#sessions.set(key, session)
    return session
  }

  async close(): Promise<void> {
    await this.pool.stop()
    await Promise.all([...this.#sessions.values()].map((session) => session.close()))
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Client } from '../wire/client.js'
import { infoNumber } from './info-number.js'
import type { Outcome, Referee, Workload } from './workload.js'

const paramsSchema = z.strictObject({})
type Params = z.infer<typeof paramsSchema>

/** Saves the data in the background again and again, beside the load that is watched. An operation is one save, from the fork to the file. */
export const backgroundSave: Workload<Params, SaveReferee> = {
  id: 'background-save',
  summary: 'BGSAVE, and wait until it is done',
  params: paramsSchema,
  keys: () => [],
  commands: () => [['BGSAVE'], ['INFO', 'persistence']],
  prepare: () => Promise.resolve(),
  referee: () => new SaveReferee(),
  actor: (_params, { client, referee }) =>
    Promise.resolve(async () => {
      await client.call('BGSAVE')
      while ((await infoNumber(client, 'persistence', 'rdb_bgsave_in_progress')) === 1) await sleep(5)
      referee.saved()
    }),
}

/** Counts saves, and reads what the last fork took. */
export class SaveReferee implements Referee {
  #saves = 0

  begin(): void {
    this.#saves = 0
  }

  saved(): void {
    this.#saves++
  }

  async settle(client: Client): Promise<Outcome> {
    return {
      measures: { fork_us: await infoNumber(client, 'stats', 'latest_fork_usec') },
      checks: [{ name: 'background saves', expected: 'at least 1', observed: String(this.#saves), ok: this.#saves > 0 }],
    }
  }
}

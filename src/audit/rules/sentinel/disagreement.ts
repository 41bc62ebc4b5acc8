import { z } from 'zod'
import { shellWord } from '../commands.js'
import { defineRule } from '../../rule.js'
import { listed } from '../wording.js'

/** Clients that ask different sentinels then write to different servers. */
export const rule = defineRule({
  id: 'sentinel/disagreement',
  severity: 'error',
  summary: 'Sentinels name different primaries',
  needs: ['sentinel'],
  options: z.strictObject({}),
  check: ({ sentinel }) =>
    sentinel.masters.flatMap((master) => {
      const others = master.sentinels.flatMap(({ address, namesPrimary }) =>
        namesPrimary === undefined || namesPrimary === master.address ? [] : [{ address, namesPrimary }],
      )
      if (others.length === 0) return []
      return [
        {
          about: `primary ${master.name}`,
          message: `is ${master.address} here, but ${listed(others.map(({ address, namesPrimary }) => `${address} says ${namesPrimary}`))}`,
          evidence: { sentinels: master.sentinels.length + 1, disagreeing: others.length, primary: master.address },
          remedy: 'Find out with ROLE which server really is the primary, and make the sentinels that are wrong forget what they know.',
          commands: [
            `redis-cli -p 26379 SENTINEL GET-MASTER-ADDR-BY-NAME ${shellWord(master.name, 'primary')}`,
            'redis-cli ROLE',
            `redis-cli -p 26379 SENTINEL RESET ${shellWord(master.name, 'primary')}`,
          ],
        },
      ]
    }),
  blind: ({ sentinel }) =>
    sentinel.masters.every(({ sentinels }) => sentinels.every(({ namesPrimary }) => namesPrimary === undefined))
      ? { kind: 'not assessed', why: 'no other sentinel answered' }
      : undefined,
})

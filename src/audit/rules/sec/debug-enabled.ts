import { z } from 'zod'
import { defineRule } from '../../rule.js'
import { unreadable } from '../parameters.js'
import { needsRedis } from '../versions.js'

/** What each of the three switches lets a user with the permission do. */
const SWITCHES: Record<string, string> = {
  'enable-debug-command': 'DEBUG can crash or stall the server (DEBUG SEGFAULT, DEBUG SLEEP)',
  'enable-module-command': 'MODULE LOAD runs native code in the server',
  'enable-protected-configs': 'CONFIG SET dir and dbfilename write files wherever the server may',
}

/** Since 7.0 these are off by default, because each turns a stolen password into a crash or into code that runs. */
export const rule = defineRule({
  id: 'sec/debug-enabled',
  severity: 'warning',
  summary: 'DEBUG, MODULE or protected parameters can be used over the network',
  needs: ['config'],
  scope: 'node',
  options: z.strictObject({}),
  inapplicable: (server) => needsRedis(server, '7.0'),
  check: ({ config }) =>
    Object.entries(SWITCHES).flatMap(([parameter, danger]) => {
      const value = config.get(parameter)
      if (value !== 'yes' && value !== 'local') return []
      return [
        {
          about: parameter,
          message: `is ${value}: ${danger}${value === 'local' ? ', though only for connections from the machine itself' : ''}`,
          evidence: { parameter, value },
          remedy: 'Set it to no in redis.conf and restart: it can not be changed while the server runs.',
          commands: [`${parameter} no`],
          severity: value === 'yes' ? ('warning' as const) : ('note' as const),
          at: { parameter },
        },
      ]
    }),
  blind: ({ config }) => unreadable(config, ...Object.keys(SWITCHES)),
})

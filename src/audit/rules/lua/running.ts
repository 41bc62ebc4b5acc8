import { z } from 'zod'
import { formatDuration } from '../../../core/units.js'
import { defineRule, type FindingDraft } from '../../rule.js'
import { durationOption } from '../../rule-options.js'

export const rule = defineRule({
  id: 'lua/running',
  severity: 'error',
  summary: 'A script or function is running and holds the server: everybody else is answered BUSY',
  scope: 'node',
  needs: ['scripts'],
  options: z.strictObject({
    runs: durationOption('1s', 'time of a running function from which it is reported; one that makes the server BUSY always is'),
  }),
  check({ scripts: { running, busy } }, { runs }): FindingDraft[] {
    if (!busy && (running === undefined || running.milliseconds < runs)) return []
    const what = running === undefined ? 'a script' : `the function ${running.name}`
    const since = running === undefined ? '' : ` for ${formatDuration(running.milliseconds)}`
    return [
      {
        about: 'running script',
        message: `${what} has been running${since}${busy ? ', and the server answers BUSY to everybody' : ''}`,
        evidence: { busy, ...(running === undefined ? {} : { function: running.name, seconds: running.milliseconds / 1000 }) },
        remedy:
          'End it with SCRIPT KILL (FUNCTION KILL for a function). When it has written something that is refused (UNKILLABLE): ' +
          'wait, or fail over to a replica and end the server with SHUTDOWN NOSAVE. Then bound its loops.',
        commands: [running === undefined ? 'redis-cli SCRIPT KILL' : 'redis-cli FUNCTION KILL'],
      },
    ]
  },
})

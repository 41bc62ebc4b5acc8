import { z } from 'zod'
import { formatDuration } from '../../../core/units.js'
import { durationOption } from '../../rule-options.js'
import { defineRule } from '../../rule.js'
import { numberParameter, unreadable } from '../parameters.js'

const [THRESHOLD, LENGTH] = ['slowlog-log-slower-than', 'slowlog-max-len']

export const rule = defineRule({
  id: 'cfg/slowlog-off',
  severity: 'warning',
  summary: 'The slow log is off, or logs only what is far too slow',
  scope: 'node',
  needs: ['config'],
  options: z.strictObject({ slowest: durationOption('1s', 'threshold of the slow log from which it is as good as off') }),
  check({ config }, { slowest }) {
    const threshold = numberParameter(config, THRESHOLD, 10_000)
    const length = numberParameter(config, LENGTH, 128)
    const finding = (name: string, value: number, message: string, wanted: number) => ({
      about: name,
      message,
      evidence: { value },
      remedy: `Set it to ${wanted}: what blocks the server for everybody leaves no trace without the slow log.`,
      commands: [`redis-cli CONFIG SET ${name} ${wanted}`, 'redis-cli CONFIG REWRITE'],
      at: { parameter: name },
    })
    const findings = []
    if (threshold !== undefined && threshold < 0) {
      findings.push(finding(THRESHOLD, threshold, `is ${threshold}: no command is ever logged as slow`, 10_000))
    } else if (threshold !== undefined && threshold / 1000 >= slowest) {
      const ms = threshold / 1000
      findings.push(finding(THRESHOLD, threshold, `lets commands of up to ${formatDuration(ms)} pass unnoticed`, 10_000))
    }
    if (length === 0) findings.push(finding(LENGTH, 0, 'is 0: no slow command is kept', 1024))
    return findings
  },
  blind: ({ config }) => unreadable(config, THRESHOLD, LENGTH),
})

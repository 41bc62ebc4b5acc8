import { z } from 'zod'
import { numberOf } from '../../../redis/info.js'
import { formatBytes, formatDuration } from '../../../core/units.js'
import { defineRule } from '../../rule.js'
import { percent } from '../wording.js'

export const rule = defineRule({
  id: 'persist/loading',
  severity: 'warning',
  summary: 'The server is still loading its data: clients get LOADING, and most facts can’t be assessed',
  scope: 'node',
  needs: ['info'],
  options: z.strictObject({}),
  check({ info }) {
    const isLoading = info.fields.get('loading') === '1'
    // A replica that goes on answering from its old data (repl-diskless-load swapdb).
    const isReplacing = info.fields.get('async_loading') === '1'
    if (!isLoading && !isReplacing) return []
    const [loaded, total] = [numberOf(info, 'loading_loaded_bytes'), numberOf(info, 'loading_total_bytes')]
    const share = loaded !== undefined && total ? Math.min(1, loaded / total) : undefined
    const left = numberOf(info, 'loading_eta_seconds')
    const progress = share === undefined ? '' : `: ${percent(share)} of ${formatBytes(total!)} are read`
    const eta = left === undefined || left <= 0 ? '' : `, about ${formatDuration(left * 1000)} are left`
    return [
      {
        about: 'dataset',
        severity: isLoading ? 'warning' : 'note',
        message: isLoading
          ? `is still being loaded${progress}${eta}; most of the audit is not assessed`
          : `is being replaced by the primary’s${progress}${eta}; until then it is as old as the link was down`,
        evidence: { ...(share === undefined ? {} : { share, bytes: total! }), ...(left === undefined ? {} : { secondsLeft: left }) },
        remedy: 'Audit again when it is loaded. If it should not be loading, find out in its log why it was restarted.',
        commands: ['redis-cli INFO persistence | grep loading'],
      },
    ]
  },
})

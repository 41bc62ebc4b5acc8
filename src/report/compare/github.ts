import type { ComparedAudits, ComparedMetric, ComparedRuns, CompareResult } from '../../schema/compare.js'
import { whole } from '../words.js'
import { type Annotation, annotationCommand, limited } from '../text/workflow-command.js'
import { adviceFor } from './advice.js'
import { differenceText } from './terminal.js'
import { doubtsOf, ofVerdict, verdictOfAudits, verdictOfRuns } from './verdict.js'
import { changeText, commandOf, counted, fromTo, limitText, subjectOf } from './words.js'

const STYLE = { unicode: true }

/** A comparison as annotations: what is worse as errors, what could not be told as warnings, what is better and the sum of it as notices. */
export function compareToGithub(result: CompareResult): string {
  return limited(result.kind === 'runs' ? ofRuns(result) : ofAudits(result))
    .map(annotationCommand)
    .join('')
}

function ofRuns(result: ComparedRuns): Annotation[] {
  const { base, head, differences, missing, design } = result
  const unlike = differences.filter((difference) => difference.unlike && design === 'unpaired').map(differenceText)
  return [
    ...metricAnnotations(result),
    ...(unlike.length > 0 ? [{ level: 'warning' as const, title: 'unlike things are compared', message: unlike.join('\n') }] : []),
    ...(['base', 'head'] as const).flatMap((from): Annotation[] => {
      const names = missing.filter((one) => one.from === from).map(({ scenario, variant }) => whole(`${scenario} ${variant}`))
      return names.length === 0 ? [] : [{ level: 'warning', title: `${names.length} not in ${from}`, message: names.join('\n') }]
    }),
    {
      level: 'notice',
      title: commandOf(result),
      message: `${verdictOfRuns(result).text}\nbase ${whole(base.name)}, head ${whole(head.name)}`,
    },
  ]
}

/** What became of the metrics of a comparison, the worst first; what could not be told by its reason, with what would tell. */
export function metricAnnotations(result: ComparedRuns): Annotation[] {
  const one = (level: Annotation['level'], word: string) => (metric: ComparedMetric) => ({
    level,
    title: `${subjectOf(metric)}: ${whole(metric.metric)} ${word}`,
    message: [toldText(metric), ...(level === 'error' ? [limitText(metric)] : [])].join(', '),
  })
  return [
    ...ofVerdict(result.metrics, 'worse').map(one('error', 'worse')),
    ...doubtsOf(result.metrics).map(({ why, metrics }): Annotation => {
      const named = metrics.slice(0, MOST_NAMED).map((metric) => `${subjectOf(metric)}: ${whole(metric.metric)} ${toldText(metric)}`)
      const rest = metrics.length - named.length
      const lines = [whole(why), ...named, ...(rest > 0 ? [`and ${rest} more`] : []), ...adviceFor(metrics, result)]
      return { level: 'warning', title: `${counted(metrics.length, 'metric')} inconclusive`, message: lines.join('\n') }
    }),
    ...ofVerdict(result.metrics, 'better').map(one('notice', 'better')),
  ]
}

/** Metrics of one reason that are named. */
const MOST_NAMED = 5

function toldText(metric: ComparedMetric): string {
  const { base, head, unit } = metric
  return [fromTo(base.value, head.value, unit, STYLE), changeText(metric)].filter((text) => text !== '').join(', ')
}

function ofAudits(result: ComparedAudits): Annotation[] {
  const { since, complete, base, head } = result
  return [
    ...since.added.map(({ rule, about }): Annotation => ({ level: 'error', title: `new: ${whole(rule)}`, message: whole(about) })),
    ...(complete ? [] : [{ level: 'warning' as const, title: 'not all was read by both audits', message: 'what is missing may be there' }]),
    ...since.fixed.map(({ rule, about }): Annotation => ({ level: 'notice', title: `fixed: ${whole(rule)}`, message: whole(about) })),
    {
      level: 'notice',
      title: 'redline compare',
      message: `${verdictOfAudits(result).text}\nbase ${whole(base.name)}, head ${whole(head.name)}`,
    },
  ]
}

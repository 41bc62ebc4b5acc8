import { COMPARE_VERDICTS, type ComparedAudits, type ComparedMetric, type ComparedRuns, type CompareResult } from '../../schema/compare.js'
import { whole } from '../words.js'
import { exposition, type Gauge, type Sample } from '../text/exposition.js'

/** A comparison as metrics: ratios (head / base) and differences with their intervals, how many metrics have which verdict; of audits, findings that came and went. */
export function compareToPrometheus(result: CompareResult): string {
  const { base, head, kind } = result
  return exposition([
    {
      name: 'redline_compare_info',
      help: 'The comparison that these metrics are of; always 1',
      samples: [{ labels: { kind, base: whole(base.name), head: whole(head.name) }, value: 1 }],
    },
    {
      name: 'redline_compare_head_timestamp_seconds',
      help: 'When the later side began, in seconds since 1970',
      samples: [{ labels: {}, value: Date.parse(head.startedAt) / 1000 }],
    },
    ...(result.kind === 'runs' ? comparedGauges('redline_compare', [{ comparison: result, labels: {} }]) : auditGauges(result)),
  ])
}

/** Comparisons as gauges whose names begin with `prefix`; each has labels of its own. */
export function comparedGauges(prefix: string, all: readonly { comparison: ComparedRuns; labels: Sample['labels'] }[]): Gauge[] {
  const by = (kind: ComparedMetric['by']) =>
    all.flatMap(({ comparison, labels }) =>
      comparison.metrics.filter((metric) => metric.by === kind).flatMap((metric) => statistics(metric, labels)),
    )
  return [
    {
      name: `${prefix}_metrics`,
      help: 'Metrics by their verdict',
      samples: all.flatMap(({ comparison, labels }) =>
        COMPARE_VERDICTS.map((verdict) => ({ labels: { ...labels, verdict }, value: comparison.counts[verdict] })),
      ),
    },
    {
      name: `${prefix}_ratio`,
      help: 'A metric of head by that of base, with its 95% interval (stat)',
      samples: by('ratio'),
    },
    {
      name: `${prefix}_difference`,
      help: 'A metric of head less that of base, where there is no ratio, with its 95% interval (stat)',
      samples: by('difference'),
    },
  ]
}

function statistics({ scenario, variant, load, metric, estimate, low, high }: ComparedMetric, own: Sample['labels']): Sample[] {
  const labels = { ...own, scenario: whole(scenario), variant: whole(variant), load: load === null ? undefined : whole(load) }
  return Object.entries({ estimate, low, high }).flatMap(([stat, value]) =>
    value === null ? [] : [{ labels: { ...labels, metric: whole(metric), stat }, value }],
  )
}

function auditGauges({ since, complete }: ComparedAudits): Gauge[] {
  return [
    {
      name: 'redline_compare_findings',
      help: 'Findings that are new in the later audit, and those that are fixed',
      samples: [
        { labels: { change: 'new' }, value: since.added.length },
        { labels: { change: 'fixed' }, value: since.fixed.length },
      ],
    },
    {
      name: 'redline_compare_complete',
      help: 'Whether both audits saw all that they were to see',
      samples: [{ labels: {}, value: complete ? 1 : 0 }],
    },
    { name: 'redline_compare_keys_growth', help: 'Growth in keys', samples: [{ labels: {}, value: since.keys.value }] },
    { name: 'redline_compare_bytes_growth', help: 'Growth in bytes', samples: [{ labels: {}, value: since.bytes.value }] },
  ]
}

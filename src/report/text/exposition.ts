/** One metric with its samples; all are gauges, since a result is a state and counts nothing on. */
export interface Gauge {
  name: string
  help: string
  samples: readonly Sample[]
}

export interface Sample {
  labels: Record<string, string | undefined>
  value: number
}

/**
 * Metrics in the text format of Prometheus (0.0.4), which the textfile collector of node_exporter and the Pushgateway read. One without
 * samples is left out, and so is a second sample with the same labels: with it, the whole file would be refused.
 */
export function exposition(gauges: readonly Gauge[]): string {
  return gauges.map(gaugeText).join('')
}

function gaugeText({ name, help, samples }: Gauge): string {
  const lines = new Map<string, string>()
  for (const { labels, value } of samples) {
    const series = `${name}${labelsText(labels)}`
    if (!lines.has(series)) lines.set(series, `${series} ${numberText(value)}`)
  }
  if (lines.size === 0) return ''
  return [`# HELP ${name} ${helpText(help)}`, `# TYPE ${name} gauge`, ...lines.values()].map((line) => `${line}\n`).join('')
}

function labelsText(labels: Sample['labels']): string {
  const given = Object.entries(labels).flatMap(([name, value]) => (value === undefined ? [] : `${name}="${labelValue(value)}"`))
  return given.length === 0 ? '' : `{${given.join(',')}}`
}

/** The value of a label between its quotes. */
export function labelValue(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

function helpText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  return String(value)
}

import type { JsHistogram } from 'hdr-histogram-js'
import type { RunResult, VariantResult } from '../schema/result.js'
import type { Format } from './format.js'
import { histogramsOf } from './histograms.js'
import { percentileDistribution } from './text/percentiles.js'

export const format: Format = {
  title: 'percentiles as HdrHistogram prints them, for its plotter: a file for each variant and load, in a folder',
  renders: { run: runToHgrm },
  inFolder: true,
}

/** Nanoseconds in a unit of the file: times are in milliseconds, as HdrHistogram's own tools write them. */
const SCALE = 1e6

/**
 * HdrHistogram's percentile distribution (outputPercentileDistribution of its Java code) by file name: for every load of every variant that
 * has a usable round its latency, and for open loops the service time beside it, over all usable rounds together.
 */
export function runToHgrm({ scenarios }: RunResult): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  const taken = new Set<string>()
  for (const { id, variants } of scenarios) {
    for (const variant of variants) {
      for (const [base, histogram] of distributionsOf(id, variant))
        files.set(freeName(base, taken), percentileDistribution(histogram, SCALE))
    }
  }
  return files
}

/** What there is of a variant, by names that no other file may have yet. */
function distributionsOf(scenario: string, variant: VariantResult): [name: string, histogram: JsHistogram][] {
  const all = histogramsOf(variant, `${scenario} ${variant.id}`)
  return all.flatMap(({ load, latency, service }): [string, JsHistogram][] => {
    const name = [scenario, variant.id, ...(all.length > 1 ? [load] : [])].map(fileName).join('.')
    if (service === undefined) return [[name, latency]]
    return [
      [`${name}.latency`, latency],
      [`${name}.service`, service],
    ]
  })
}

const LONGEST_NAME = 60

/** A name that every file system takes: letters, digits and a few signs, and not too many of them. */
function fileName(text: string): string {
  return text
    .replaceAll(/[^\w=,]+/g, '-')
    .slice(0, LONGEST_NAME)
    .replaceAll(/^-|-$/g, '')
}

/** The name with `.hgrm`, numbered where another file has it: different names may look alike here, and some file systems take no notice of case. */
function freeName(base: string, taken: Set<string>): string {
  for (let n = 1; ; n++) {
    const name = `${base}${n === 1 ? '' : `-${n}`}.hgrm`
    if (taken.has(name.toLowerCase())) continue
    taken.add(name.toLowerCase())
    return name
  }
}

import type { JsHistogram } from 'hdr-histogram-js'

/** Rows for each halving of the distance to 100%, as HdrHistogram's tools have them. */
const TICKS_PER_HALF_DISTANCE = 5

/**
 * A histogram as `outputPercentileDistribution` of HdrHistogram prints it, to the letter; values are divided by `scale`. The library's own does the
 * same (a test holds the two against each other) and takes
 * several times as long: it computes the value of every empty bucket, three times over.
 */
export function percentileDistribution(histogram: JsHistogram, scale: number): string {
  const { totalCount, mean, deviation, rows } = walk(histogram)
  const value = (nanoseconds: number) => padded(fixed(histogram.numberOfSignificantValueDigits, nanoseconds / scale), 12)
  const lines = rows.map(({ reached, level, count }) => {
    const line = `${value(reached)} ${padded(fixed(12, level / 100), 2)} ${padded(String(count), 10)}`
    return level < 100 ? `${line} ${padded(fixed(2, 1 / (1 - level / 100)), 14)}` : line
  })
  return [
    '       Value     Percentile TotalCount 1/(1-Percentile)',
    '',
    ...lines,
    `#[Mean    = ${value(mean)}, StdDeviation   = ${value(deviation)}]`,
    `#[Max     = ${value(histogram.maxValue)}, Total count    = ${padded(String(totalCount), 12)}]`,
    `#[Buckets = ${padded(String(histogram.bucketCount), 12)}, SubBuckets     = ${padded(String(histogram.subBucketCount), 12)}]`,
    '',
  ].join('\n')
}

interface Row {
  /** Highest value of the bucket in which the percentile falls. */
  reached: number
  /** In percent. */
  level: number
  /** Values up to that bucket, itself included. */
  count: number
}

function walk(histogram: JsHistogram): { totalCount: number; mean: number; deviation: number; rows: Row[] } {
  const { totalCount, countsArrayLength } = histogram
  const buckets: { middle: number; count: number }[] = []
  const rows: Row[] = []
  let [seen, sum, level] = [0, 0, 0]
  for (let index = 0; index < countsArrayLength; index++) {
    const count = histogram.getCountAtIndex(index)
    if (count === 0) continue
    seen += count
    const lowest = histogram.valueFromIndex(index)
    const middle = histogram.medianEquivalentValue(lowest)
    buckets.push({ middle, count })
    sum += middle * count
    const reached = histogram.highestEquivalentValue(lowest)
    while ((100 * seen) / totalCount >= level) {
      rows.push({ reached, level, count: seen })
      level = nextLevel(level)
      if (seen === totalCount) break
    }
    if (seen === totalCount) rows.push({ reached, level: 100, count: seen })
  }
  if (totalCount === 0) return { totalCount, mean: 0, deviation: 0, rows }
  const mean = sum / totalCount
  const squares = buckets.reduce((total, { middle, count }) => total + (middle - mean) ** 2 * count, 0)
  return { totalCount, mean, deviation: Math.sqrt(squares / totalCount), rows }
}

/** Equal steps within each half of what is left to 100%. */
function nextLevel(level: number): number {
  const ticks = TICKS_PER_HALF_DISTANCE * 2 ** (Math.floor(Math.log2(100 / (100 - level))) + 1)
  return level + 100 / ticks
}

const FORMATS = new Map<number, Intl.NumberFormat>()

/** Rounded as Java does it: halves of the shortest decimal that stands for a number go up. */
function fixed(digits: number, value: number): string {
  const known = FORMATS.get(digits)
  const format =
    known ?? new Intl.NumberFormat('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false })
  if (!known) FORMATS.set(digits, format)
  return format.format(value)
}

function padded(text: string, width: number): string {
  return text.padStart(width)
}

import type { Histogram } from 'hdr-histogram-js'
import { significant } from '../../core/units.js'
import type { VariantResult } from '../../schema/result.js'
import { tailAxis, valueAxis } from '../plot/axis.js'
import type { Draw } from '../plot/draw.js'
import { drawLines } from '../plot/lines.js'
import { histogramsOf } from '../histograms.js'
import type { Part } from './escape.js'
import { figure, name, table } from './parts.js'

/** Pixels of a chart of which three stand beside each other. */
export const SMALL = { width: 372, height: 250 }

/** Points for each nine. */
const POINTS = 16
const SHOWN = [0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999]

/** Latency by percentile of the variants, all their usable rounds together, each further nine as wide as the one before. */
export function percentileFigure(variants: readonly VariantResult[], draw: Draw): Part {
  const curves = variants.flatMap((variant, slot) => {
    const histogram = histogramsOf(variant, variant.id)[0]?.latency
    return histogram && histogram.totalCount > 0 ? [{ slot, id: variant.id, histogram }] : []
  })
  if (curves.length === 0) return ''
  const most = Math.max(...curves.map(({ histogram }) => histogram.totalCount))
  const lines = curves.map(({ slot, histogram }) => ({ slot, points: pointsOf(histogram) }))
  const x = tailAxis('percent of the requests', most)
  const y = valueAxis(
    'ms',
    lines.flatMap(({ points }) => points.map(([, ms]) => ms)),
    msText,
  )
  const shares = SHOWN.filter((share) => -Math.log10(1 - share) <= x.max)
  return figure({
    title: 'Latency by percentile',
    summary: `Latency by percentile: ${curves.map(({ id, histogram }) => `${id}, 99% within ${msText(at(histogram, 0.99))} ms`).join('; ')}`,
    drawing: drawLines(draw, { x, y, lines }, SMALL),
    size: SMALL,
    data: table(
      'Latency by percentile, in ms',
      [
        { title: 'Variant', kind: 'row', cell: ({ id }) => name(id, 60) },
        ...shares.map((share) => ({
          title: `p${Number((share * 100).toPrecision(8))}`,
          kind: 'number' as const,
          cell: ({ histogram }: { histogram: Histogram }) => significant(at(histogram, share), 3),
        })),
        { title: 'max', kind: 'number', cell: ({ histogram }) => significant(histogram.maxValue / 1e6, 3) },
      ],
      curves,
    ),
  })
}

function pointsOf(histogram: Histogram): [number, number][] {
  const nines = Math.log10(Math.max(10, histogram.totalCount))
  const steps = Math.ceil(nines * POINTS)
  return Array.from({ length: steps + 1 }, (_, step) => {
    const share = 1 - 10 ** -((step * nines) / steps)
    return [share, at(histogram, share)]
  })
}

/** In milliseconds. */
function at(histogram: Histogram, share: number): number {
  return histogram.getValueAtPercentile(share * 100) / 1e6
}

/** `0.25`, `12`: for the labels of an axis. */
export function msText(ms: number): string {
  return String(Number(ms.toPrecision(3)))
}

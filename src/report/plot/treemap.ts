import { type Draw, type ChartOption, FONT_SIZE, type Size } from './draw.js'
import { label } from './label.js'

/** A part of the whole. */
export interface Area {
  name: string
  /** What it shows beside its name. */
  figure: string
  value: number
  /** Colour of its kind: 1 to 7. */
  tint: number
}

/** Smaller areas have no room for a name. */
const LEAST_WIDTH = 60
const LEAST_HEIGHT = 40

/** The parts of a whole as areas of their sizes, the largest first; names where there is room. */
export function drawTreemap(draw: Draw, areas: readonly Area[], size: Size): string {
  const option: ChartOption = {
    series: [
      {
        type: 'treemap',
        ...{ left: 0, right: 0, top: 0, bottom: 0 },
        roam: false,
        nodeClick: false,
        breadcrumb: { show: false },
        visibleMin: 1,
        data: areas.map(({ name, value, tint, figure }, index) => ({
          // What it shows is in the label; ECharts keeps its own tables by name.
          name: `area ${index}`,
          value,
          itemStyle: { color: `var(--t${tint})`, borderColor: 'var(--surface)', borderWidth: 0, gapWidth: 2 },
          label: { formatter: () => `${label(name)}\n${figure}` },
        })),
        itemStyle: { borderColor: 'var(--surface)', borderWidth: 0, gapWidth: 2 },
        label: {
          show: true,
          color: 'var(--ink)',
          fontSize: FONT_SIZE,
          position: 'insideTopLeft',
          padding: [4, 12, 2, 5],
          lineHeight: 16,
          overflow: 'truncate',
          ellipsis: '…',
        },
        labelLayout: ({ rect }: { rect: { width: number; height: number } }) =>
          rect.width < LEAST_WIDTH || rect.height < LEAST_HEIGHT ? { fontSize: 0 } : {},
      },
    ],
  }
  return draw(option, size)
}

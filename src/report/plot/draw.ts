import { init } from 'echarts/dist/echarts.esm.min'
import { cleanSvg } from './svg.js'

/** What ECharts is told, in its own terms. */
export type ChartOption = Record<string, unknown>

/** Draws a chart: what is inside an `<svg>` of so many pixels. */
export type Draw = (option: ChartOption, size: Size) => string

export interface Size {
  width: number
  height: number
}

/** Pixels of text in a chart. */
export const FONT_SIZE = 12

/**
 * A pen for one page. What it draws has ids that are unique on the page and depend on nothing but the order in which charts are drawn, so
 * that the same result always gives the same page.
 */
export function pen(): Draw {
  let drawn = 0
  return (option, size) => {
    const chart = init(null, null, { renderer: 'svg', ssr: true, ...size })
    try {
      chart.setOption({
        animation: false,
        silent: true,
        textStyle: { fontSize: FONT_SIZE, color: 'var(--dim)' },
        ...option,
      })
      return cleanSvg(chart.renderToSVGString(), `c${++drawn}`)
    } finally {
      // What is not disposed keeps a timer.
      chart.dispose()
    }
  }
}

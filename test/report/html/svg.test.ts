import { describe, expect, test } from 'vitest'
import { pen } from '#redline/report/plot/draw.js'
import { cleanSvg } from '#redline/report/plot/svg.js'
import { all, dangers, readPage } from '../../support/pages.js'

const WRAP = (inner: string) => readPage(`<html><body><svg>${inner}</svg></body></html>`)
const SIZE = { width: 300, height: 200 }

describe('cleanSvg', () => {
  test('keeps shapes and text, and drops styles, classes and what is meant for scripts', () => {
    const svg =
      '<svg width="1" xmlns="x"><path d="M0 0" fill="var(--s1)" class="a" ecmeta_x="1" pointer-events="visible"></path>' +
      '<text style="font-size:11px;font-family:sans-serif" xml:space="preserve">a&lt;b</text><style ><![CDATA[.a:hover{}]]></style></svg>'
    expect(cleanSvg(svg, 'c1')).toBe('<path d="M0 0" fill="var(--s1)"/><text font-size="11px">a&lt;b</text>')
  })

  test('makes ids its own, so that charts on one page do not meet', () => {
    expect(cleanSvg('<svg><g clip-path="url(#zr17-c0)"></g><defs><clipPath id="zr17-c0"></clipPath></defs></svg>', 'c3')).toBe(
      '<g clip-path="url(#c3-c0)"></g><defs><clipPath id="c3-c0"></clipPath></defs>',
    )
  })

  test.each(['<script>', '<image href="http://a">', '<a href="javascript:x">', '<foreignObject>', '<animate>'])('refuses %s', (tag) => {
    expect(() => cleanSvg(`<svg>${tag}</svg>`, 'c1')).toThrow(TypeError)
  })
})

describe('pen', () => {
  const hostile = '</text></svg><script>alert(1)</script><img src=x onerror="alert(2)">'
  const treemap = { series: [{ type: 'treemap', data: [{ name: hostile, value: 3 }], label: { show: true, formatter: () => hostile } }] }
  const axis = {
    xAxis: { type: 'category', data: [hostile], name: hostile },
    yAxis: { name: hostile },
    series: [{ type: 'bar', data: [1], name: hostile }],
  }

  test.each([
    ['areas', treemap],
    ['axes', axis],
  ])('names of %s are text', (_, option) => {
    const page = WRAP(pen()(option, SIZE))
    expect(dangers(page)).toEqual([])
    expect(all(page, 'text').some(({ textContent }) => textContent.includes('<script>'))).toBe(true)
  })

  test('draws the same whenever it draws', () => {
    const [first, second] = [pen(), pen()]
    expect(second(axis, SIZE)).toBe(first(axis, SIZE))
  })
})

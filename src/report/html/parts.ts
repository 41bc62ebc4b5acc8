import { lookOf } from '../plot/palette.js'
import { exact } from '../words.js'
import type { Size } from '../plot/draw.js'
import { html, type Markup, type Part, trusted, visible } from './escape.js'
import type { Icon } from './icons.js'
import type { Tone } from './page.js'

/** A word with its sign and colour: a verdict, a severity. */
export function badge(word: string, tone: Tone, icon: Icon): Markup {
  return html`<span class="badge ${tone}">${sign(icon)}${word}</span>`
}

/** A sign by itself; whoever reads aloud hears the words beside it. */
export function sign(icon: Icon): Markup {
  return html`<svg class="icon" aria-hidden="true"><use href="#i-${icon}" /></svg>`
}

/** Names are cut to so many characters. */
const LONGEST_NAME = 140

/** A name that somebody gave to a key or the like, as code; broken anywhere where it is long, cut where it is very long. */
export function name(text: string, longest = LONGEST_NAME): Markup {
  return html`<code>${visible(text, longest)}</code>`
}

/** A column of a table. */
export interface Column<T> {
  title: Part
  cell: (row: T, index: number) => Part
  /** `number`: aligned to the right, digits of equal width. `row`: the heading of its row. */
  kind?: 'number' | 'row' | 'plot'
  /** Left out where the screen is narrow; what it says is told elsewhere or can be done without. */
  minor?: boolean
}

/** Rows beyond this many make no table that somebody reads. */
export const MOST_ROWS = 100

/** A table with headings for its columns and rows; what is too much for it is counted below. Scrolls by itself where it is too wide. */
export function table<T>(caption: string, columns: readonly Column<T>[], rows: readonly T[], most = MOST_ROWS): Markup {
  const kept = rows.slice(0, most)
  const heads = columns.map(({ title, kind, minor }) => html`<th scope="col" ${classes(kind, minor)}>${title}</th>`)
  const body = kept.map(
    (row, index) =>
      html`<tr>
        ${columns.map((column) => cellOf(column, row, index))}
      </tr> `,
  )
  return html`<div class="scroll" role="group" aria-label="${caption}" tabindex="0">
      <table>
        <caption class="aloud">
          ${caption}
        </caption>
        <thead>
          <tr>
            ${heads}
          </tr>
        </thead>
        <tbody>
          ${body}
        </tbody>
      </table>
    </div>
    ${rest(rows.length - kept.length)}`
}

function cellOf<T>({ cell, kind, minor }: Column<T>, row: T, index: number): Markup {
  const content = cell(row, index)
  return kind === 'row'
    ? html`<th scope="row" ${classes(undefined, minor)}>${content}</th>`
    : html`<td${classes(kind, minor)}>${content}</td>`
}

function classes(kind: Column<unknown>['kind'], minor: boolean | undefined): Markup | '' {
  const names = [...(kind === 'number' ? ['num'] : kind === 'plot' ? ['plot'] : []), ...(minor ? ['minor'] : [])]
  return names.length === 0 ? '' : html` class="${names.join(' ')}"`
}

/** `and 9,700 more in result.json`; nothing where nothing is left out. */
export function rest(count: number, things = ''): Markup | '' {
  return count > 0 ? html`<p class="rest">and ${exact(count)} more${things === '' ? '' : ` ${things}`} in result.json</p>` : ''
}

/** What is shown when asked for. */
export function folded(summary: Part, body: Part): Markup {
  return html`<details>
    <summary>${summary}</summary>
    ${body}
  </details>`
}

/** A chart with its title, what it says in words for those who don't see it, and its numbers as a table. */
export interface Figure {
  title: string
  /** Read aloud in place of the drawing. */
  summary: string
  /** What `Draw` gave. */
  drawing: string
  size: Size
  data: Markup
  /** Below the drawing. */
  note?: Part
  className?: string
}

export function figure({ title, summary, drawing, size, data, note, className = '' }: Figure): Markup {
  return html`<figure class="chart ${className}">
    <figcaption>${title}</figcaption>
    <svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${summary}">${trusted(drawing)}</svg>
    ${note}${folded('Numbers', data)}
  </figure>`
}

/** The line and the symbol of a slot, as its chart has them. */
export function swatch(slot: number): Markup {
  const { color, dash } = lookOf(slot)
  const dashes = dash.length === 0 ? '' : html` stroke-dasharray="${dash.join(',')}"`
  return html`<svg class="swatch" viewBox="0 0 26 10" aria-hidden="true">
    <path d="M1 5h24" stroke="${color}" stroke-width="3" ${dashes} />
  </svg>`
}

/** The colour of a kind of bars or areas. */
export function chip(color: string): Markup {
  return html`<svg class="tint" viewBox="0 0 14 14" aria-hidden="true"><rect width="14" height="14" rx="3" fill="var(--${color})" /></svg>`
}

/** Which line is which. */
export function legend(names: readonly string[]): Markup {
  return html`<ul class="legend">
    ${names.map((text, slot) => html`<li>${swatch(slot)}${visible(text, 80)}</li>`)}
  </ul>`
}

/** A share of a whole as a bar; the number stands beside it. */
export function bar(share: number, tint = 's1'): Markup {
  const width = Math.min(100, Math.max(0, share * 100)).toFixed(2)
  return html`<svg class="bar" aria-hidden="true">
    <rect class="track" width="100%" height="100%" rx="2" />
    <rect width="${width}%" height="100%" rx="2" fill="var(--${tint})" />
  </svg>`
}

/** Names and what they are. */
export function facts(pairs: readonly (readonly [string, Part] | false)[]): Markup {
  return html`<dl class="facts">
    ${pairs.map(
      (pair) =>
        pair &&
        html`<div>
          <dt>${pair[0]}</dt>
          <dd>${pair[1]}</dd>
        </div>`,
    )}
  </dl>`
}

/** Lines to copy: one click selects a line. */
export function lines(commands: readonly string[]): Part {
  const codes = commands.map((command) => html`<code>${command}</code>`)
  return commands.length > 0 && html`<pre class="copy" tabindex="0">${codes}</pre>`
}

/** `27 November 2026, 19:17 UTC` */
export function dateText(iso: string): string {
  const date = new Date(iso)
  if (Number.isNaN(date.getTime())) return iso
  const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December']
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()}, ${date.toISOString().slice(11, 16)} UTC`
}

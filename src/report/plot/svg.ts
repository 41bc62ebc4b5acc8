/*
 * The markup that ECharts writes, cut down to what a page with a strict policy may hold: known elements and attributes, no style attributes, no
 * style sheet for a mouse that no script follows. Whatever else is there is a defect, and no chart is worth an injection.
 */

const ELEMENTS = new Set(['g', 'path', 'rect', 'circle', 'line', 'polyline', 'polygon', 'text', 'tspan', 'defs', 'clipPath'])

const ATTRIBUTES = new Set([
  ...['d', 'x', 'y', 'x1', 'y1', 'x2', 'y2', 'cx', 'cy', 'r', 'rx', 'ry', 'points', 'width', 'height', 'transform'],
  ...[
    'fill',
    'fill-opacity',
    'stroke',
    'stroke-width',
    'stroke-opacity',
    'stroke-dasharray',
    'stroke-linejoin',
    'stroke-linecap',
    'opacity',
  ],
  ...['text-anchor', 'dominant-baseline', 'font-size', 'font-weight', 'paint-order', 'id', 'clip-path'],
])

/** What a style attribute says that has an attribute of its own; fonts are the page's. */
const STYLES = new Set(['font-size', 'font-weight'])

/** Said by the page for all charts, or the default. */
const IMPLIED = new Map([
  ['font-size', '12px'],
  ['stroke-width', '1'],
])

/**
 * The children of the `<svg>` that ECharts rendered, ids beginning with `prefix`. Throws TypeError for an element that no chart of ours has:
 * text is escaped by ECharts, so that such a one can only be there by a mistake.
 */
export function cleanSvg(svg: string, prefix: string): string {
  const body = svg.replaceAll(/<style[\s\S]*?<\/style>/g, '').replaceAll(/^\s*<svg[^>]*>|<\/svg>\s*$/g, '')
  let clean = ''
  for (const [token] of body.matchAll(/<[^>]*>|[^<]+/g)) clean += token.startsWith('<') ? tag(token, prefix) : textOf(token)
  return clean.replaceAll(/><\/(?:path|rect|circle|line|polyline|polygon)>/g, '/>').replaceAll('<defs></defs>', '')
}

/** Line breaks between elements are ECharts' own. */
function textOf(token: string): string {
  return token.trim() === '' ? '' : token
}

function tag(token: string, prefix: string): string {
  const [, slash = '', name = '', rest = ''] = /^<(\/?)([A-Za-z]+)([\s\S]*)>$/.exec(token) ?? []
  if (!ELEMENTS.has(name)) throw new TypeError(`a chart has no element like ${token.slice(0, 60)}`)
  if (slash) return `</${name}>`
  const attributes = [...rest.matchAll(/([\w:-]+)="([^"]*)"/g)].flatMap(([, key = '', value = '']) =>
    key === 'style' ? styles(value) : attribute(key, value, prefix),
  )
  return `<${name}${attributes.join('')}>`
}

function attribute(key: string, value: string, prefix: string): string[] {
  if (!ATTRIBUTES.has(key) || IMPLIED.get(key) === value) return []
  if (key === 'id') return [` id="${prefix}${idOf(value)}"`]
  if (key === 'clip-path') return [` clip-path="url(#${prefix}${idOf(/#([^)]*)/.exec(value)?.[1] ?? '')})"`]
  return [` ${key}="${value}"`]
}

/** `zr17-c0` is `-c0`: the number is how many charts this process has drawn. */
function idOf(value: string): string {
  return value.replace(/^zr\d+/, '')
}

function styles(value: string): string[] {
  return value
    .split(';')
    .map((part) => part.split(':'))
    .flatMap(([key = '', ...text]) =>
      STYLES.has(key.trim()) && IMPLIED.get(key.trim()) !== text.join(':').trim() ? [` ${key.trim()}="${text.join(':').trim()}"`] : [],
    )
}

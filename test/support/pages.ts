import { parseHTML } from 'linkedom'

/** What tests ask of a document; linkedom's own types are those of a browser's library, which tests are not compiled with. */
export interface PageElement {
  readonly localName: string
  readonly textContent: string
  readonly children: readonly PageElement[]
  getAttribute(name: string): string | null
  getAttributeNames(): string[]
  querySelector(selector: string): PageElement | null
  querySelectorAll(selector: string): Iterable<PageElement>
}

/** A page as an independent parser reads it. */
export function readPage(html: string): PageElement {
  return parseHTML(html).document
}

/** All elements that a selector finds. */
export function all(page: PageElement, selector: string): PageElement[] {
  return [...page.querySelectorAll(selector)]
}

/** The texts of all elements that a selector finds, without the white space around and within; of a row its cells, a space between them. */
export function texts(page: PageElement, selector: string): string[] {
  return all(page, selector).map(textOf)
}

function textOf({ localName, children, textContent }: PageElement): string {
  if (localName === 'tr') return [...children].map(textOf).join(' ')
  return textContent.replaceAll(/\s+/g, ' ').trim()
}

/** The table whose caption says so. Throws when there is none. */
export function tableOf(page: PageElement, caption: string): PageElement {
  const table = all(page, 'table').find((one) => one.querySelector('caption')?.textContent.trim() === caption)
  if (!table) throw new Error(`no table is called ${caption}`)
  return table
}

/** Whatever of a page could run, load or leave it: empty for every page of ours. */
export function dangers(page: PageElement): string[] {
  const elements = all(page, '*')
  const names = ['script', 'iframe', 'object', 'embed', 'img', 'link', 'base', 'form', 'input', 'foreignobject', 'image', 'animate', 'set']
  return elements.flatMap((element) => [
    ...(names.includes(element.localName.toLowerCase()) ? [`<${element.localName}>`] : []),
    ...element
      .getAttributeNames()
      .filter((name) => /^on|^style$|^srcdoc$|^src$|^xlink:/i.test(name))
      .map((name) => `${element.localName}[${name}]`),
    ...element
      .getAttributeNames()
      .filter((name) => /href$/i.test(name) && !element.getAttribute(name)!.startsWith('#'))
      .map((name) => `${element.localName} to ${element.getAttribute(name)}`),
  ])
}

/** What is wrong with the order of headings, with labels, tables and ids; empty for a page that can be read aloud. */
export function obstacles(page: PageElement): string[] {
  const levels = all(page, 'h1, h2, h3, h4, h5, h6').map(({ localName }) => Number(localName.slice(1)))
  const ids = all(page, '[id]').map((element) => element.getAttribute('id')!)
  const known = new Set(ids)
  return [
    ...(levels.filter((level) => level === 1).length === 1 ? [] : ['not one h1']),
    ...levels.flatMap((level, index) => (index > 0 && level > levels[index - 1]! + 1 ? [`h${level} after h${levels[index - 1]}`] : [])),
    ...['header', 'main', 'footer', 'nav'].filter((name) => all(page, name).length !== 1).map((name) => `not one <${name}>`),
    ...ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `id ${id} twice`),
    ...all(page, 'a[href]')
      .map((link) => link.getAttribute('href')!.slice(1))
      .filter((id) => !known.has(id))
      .map((id) => `a link to #${id}, which is not there`),
    ...all(page, 'use')
      .map((use) => use.getAttribute('href')!.slice(1))
      .filter((id) => !known.has(id))
      .map((id) => `a sign ${id} that is not there`),
    ...all(page, 'svg')
      .filter(
        (svg) => svg.getAttribute('aria-hidden') !== 'true' && !(svg.getAttribute('role') === 'img' && svg.getAttribute('aria-label')),
      )
      .map(() => 'a drawing without a label'),
    ...all(page, 'table')
      .filter((table) => table.querySelector('caption') === null)
      .map(() => 'a table without a caption'),
    ...all(page, 'th')
      .filter((cell) => !['col', 'row'].includes(cell.getAttribute('scope') ?? ''))
      .map(({ textContent }) => `a heading without a scope: ${textContent}`),
    ...all(page, '[aria-labelledby]')
      .map((element) => element.getAttribute('aria-labelledby')!)
      .filter((id) => !known.has(id))
      .map((id) => `labelled by #${id}, which is not there`),
  ]
}

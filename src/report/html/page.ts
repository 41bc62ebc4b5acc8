import { createHash } from 'node:crypto'
import { html, type Markup, type Part, trusted } from './escape.js'
import { ICONS } from './icons.js'
import { STYLE } from './style.js'

/** A page and how its first lines look. */
export interface Page {
  title: string
  /** How bad the news is. */
  tone: Tone
  /** What it is a report of, above the verdict. */
  kicker: string
  verdict: string
  /** Below the verdict. */
  lead: Part
  sections: readonly Section[]
  footer: Part
}

/** Good, bad, doubtful, or neither. */
export type Tone = 'good' | 'bad' | 'doubtful' | 'plain'

export interface Section {
  id: string
  heading: string
  /** In the list of contents; the heading unless given. */
  short?: string
  body: Part
}

/**
 * A page in one file that needs nothing else: no script, no font, no image, no network, which its own policy (CSP) makes sure of; the one style
 * sheet is allowed by its hash. It reads in light, in dark, on paper, on a phone and aloud.
 */
export function pageText(page: Page): string {
  const { title, tone, kicker, verdict, lead, sections, footer } = page
  const markup = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        ${trusted(STYLE_ELEMENT)}
      </head>
      <body>
        ${trusted(ICONS)}
        <a class="skip" href="#content">Skip to the report</a>
        <header class="banner ${tone}">
          <div class="wide">
            <p class="kicker">${kicker}</p>
            <h1>${verdict}</h1>
            ${lead}
          </div>
        </header>
        ${contents(sections)}
        <main id="content" class="wide">${sections.map(section)}</main>
        <footer class="wide">${footer}</footer>
      </body>
    </html>`
  return `${markup.toString()}\n`
}

/** Its content is what the policy allows, to the byte. */
const STYLE_ELEMENT = `<style>${STYLE}</style>`
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'`

function contents(sections: readonly Section[]): Markup {
  return html`<nav class="contents" aria-label="Contents">
    <ul class="wide">
      ${sections.map(({ id, heading, short }) => html`<li><a href="#${id}">${short ?? heading}</a></li>`)}
    </ul>
  </nav>`
}

function section({ id, heading, body }: Section): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-h">
    <h2 id="${id}-h">${heading}</h2>
    ${body}
  </section> `
}

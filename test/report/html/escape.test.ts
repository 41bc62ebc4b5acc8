import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { html, trusted } from '#redline/report/html/escape.js'
import { all, readPage } from '../../support/pages.js'

describe('html', () => {
  test('takes text for text, between tags and in attributes', () => {
    const name = `<img src=x onerror="alert('1')">&amp;\``
    expect(html`<p title="${name}">${name}</p>`.toString()).toBe(
      '<p title="&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;amp;&#96;">' +
        '&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;amp;&#96;</p>',
    )
  })

  test('takes markup for markup, also in lists, and nothing for nothing', () => {
    expect(html`<i>${['a', 'b'].map((text) => html`<b>${text}</b>`)}${null}${undefined}${false}${0}</i>`.toString()).toBe(
      '<i><b>a</b><b>b</b>0</i>',
    )
  })

  test('is not fooled by an object that looks like markup', () => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a document could hold in place of a string
    const forged = JSON.parse('{"toString":"<script>","text":"<script>"}') as string
    expect(() => html`${forged}`.toString()).toThrow(TypeError)
  })

  test('shows what turns and hides text, and takes no escape twice', () => {
    expect(html`${'\u202egnp.exe \u001b[31m \\x1b'}`.toString()).toBe('\\u202egnp.exe \\x1b[31m \\x1b')
  })

  test('cuts what nobody reads in its middle and tells its length', () => {
    const text = html`${'k'.repeat(65_536)}`.toString()
    expect(text.length).toBeLessThan(1600)
    expect(text).toMatch(/^k+ … k+ \(65,536 characters\)$/)
  })

  test('leaves out how deep it stands in our code, and never touches what it holds', () => {
    const deep = html
    expect(
      deep`<p>
        ${'a  b'}
      </p>`.toString(),
    ).toBe('<p>\na  b\n</p>')
  })

  test('whatever the text is, a parser finds it and nothing else', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 60 }),
        fc.constantFrom('', '<script>', '"><b x="', '</p>', '&lt;'),
        (text, attack) => {
          const page = readPage(
            html`<html>
              <body>
                <p title="${text + attack}">${attack + text}</p>
              </body>
            </html>`.toString(),
          )
          expect(all(page, 'body *')).toHaveLength(1)
          expect(all(page, 'p')[0]!.getAttributeNames()).toEqual(['title'])
        },
      ),
    )
  })
})

test('what we wrote ourselves is trusted', () => {
  expect(html`<b>${trusted('<i>x</i>')}</b>`.toString()).toBe('<b><i>x</i></b>')
})

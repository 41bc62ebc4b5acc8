/** Text in XML 1.0, between tags or in an attribute. What XML can't hold at all (control characters, lone surrogates) appears as `\x00`. */
export function xmlText(text: string): string {
  return text
    .replaceAll(/[<>&"'\t\n\r]/g, (char) => ENTITIES[char]!)
    .replaceAll(IMPOSSIBLE, (char) => {
      const code = char.codePointAt(0)!
      return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
    })
}

/** As references, white space survives the normalization of attributes, and `]]>` and end tags are text. */
const ENTITIES: Record<string, string> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  '"': '&quot;',
  "'": '&apos;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
}

/** All but Char of XML 1.0, 2.2. The controls from 0x7f are allowed and discouraged. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const IMPOSSIBLE = /[^\t\n\r\u0020-\u007e\u0085\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu

/** An element, its attributes in the order given; those that are undefined are left out. Children are XML already. */
export function element(name: string, attributes: Record<string, string | number | undefined>, children: readonly string[] = []): string {
  const given = Object.entries(attributes).flatMap(([key, value]) => (value === undefined ? [] : ` ${key}="${xmlText(String(value))}"`))
  const head = `<${name}${given.join('')}`
  return children.length === 0 ? `${head}/>` : `${head}>${children.join('')}</${name}>`
}

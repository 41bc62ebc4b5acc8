import { expect, test } from 'vitest'
import { renderPage } from '#redline/report/page.js'

const PAGE = `# lock/no-ttl

A lock that never expires is held for ever
when its holder dies.

## How to fix

- Set the time to live in the *same* command that takes the lock, so that no crash can come between them:
  \`SET NX PX\`.
- See [the page](https://example.com).

\`\`\`sh
redis-cli SET lock:res:1 "$(uuidgen)" NX PX 30000   # a line that is longer than the width and must not be broken
echo '\\n'
\`\`\`

Or, indented:

    rules:
      - { lock/no-ttl: off }
`

test('paragraphs are wrapped, marks are gone, and code keeps its lines', () => {
  expect(renderPage(PAGE, { width: 50, color: false, unicode: true })).toBe(`lock/no-ttl

  A lock that never expires is held for ever when
  its holder dies.

How to fix

  • Set the time to live in the *same* command
    that takes the lock, so that no crash can come
    between them: SET NX PX.
  • See the page (https://example.com).

    redis-cli SET lock:res:1 "$(uuidgen)" NX PX 30000   # a line that is longer than the width and must not be broken
    echo '\\n'

  Or, indented:

    rules:
      - { lock/no-ttl: off }
`)
})

test('headings are bold where there are colours, and bullets are dashes where there is no Unicode', () => {
  const text = renderPage(PAGE, { width: 80, color: true, unicode: false })
  expect(text).toContain('\u001b[1mHow to fix\u001b[22m')
  expect(text).toContain('\n  - Set the time')
})

test('tables have no rules between their cells, and their widest column gives way to the width', () => {
  const table = '| option  | meaning |\n| ------- | --- |\n| `share` | of all keys, from which a pattern is reported |\n'
  expect(renderPage(table, { width: 32, color: false, unicode: true })).toBe(`  option  meaning
  share   of all keys, from
          which a pattern is
          reported
`)
})

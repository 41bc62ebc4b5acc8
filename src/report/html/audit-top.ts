import { formatBytes, formatDuration, formatNumber } from '../../core/units.js'
import type { AuditResult, TopKey } from '../../schema/audit.js'
import { html, type Part } from './escape.js'
import { type Column, name, table } from './parts.js'

const MOST_SHOWN = 15

/** The largest keys, those with the most elements, and those that were idle for longest. */
export function topKeysBody({ top, hashTags }: AuditResult): Part {
  const lists: [string, readonly TopKey[]][] = [
    ['Largest keys', top.bytes],
    ['Most elements', top.elements],
    ['Longest idle', top.idle],
  ]
  const some = lists.filter(([, keys]) => keys.length > 0)
  if (some.length === 0 && hashTags.length === 0) return ''
  return html`${some.map(
    ([title, keys]) =>
      html`<div class="card">
        <h3>${title}</h3>
        ${keyTable(title, keys)}
      </div>`,
  )}${tags(hashTags)}`
}

function keyTable(title: string, keys: readonly TopKey[]): Part {
  const columns: Column<TopKey>[] = [
    {
      title: 'Key',
      kind: 'row',
      cell: ({ key, pattern }) => [
        name(key, 100),
        pattern !== key &&
          html`<br />
            <span class="sub minor">of ${name(pattern, 80)}</span>`,
      ],
    },
    ...(keys.some(({ db }) => db !== 0) ? [{ title: 'db', kind: 'number' as const, cell: ({ db }: TopKey) => db }] : []),
    { title: 'bytes', kind: 'number', cell: ({ bytes }) => formatBytes(bytes) },
    { title: 'elements', kind: 'number', cell: ({ elements }) => (elements === null ? '-' : formatNumber(elements)) },
    {
      title: 'expires in',
      kind: 'number',
      minor: true,
      cell: ({ ttlSeconds }) => (ttlSeconds === null ? 'never' : formatDuration(ttlSeconds * 1000)),
    },
    {
      title: 'idle',
      kind: 'number',
      minor: true,
      cell: ({ idleSeconds }) => (idleSeconds === null ? '-' : formatDuration(idleSeconds * 1000)),
    },
    { title: 'type', minor: true, cell: ({ type, encoding }) => (type === encoding ? type : `${type}, ${encoding}`) },
  ]
  return table(title, columns, keys, MOST_SHOWN)
}

function tags(hashTags: AuditResult['hashTags']): Part {
  if (hashTags.length === 0) return ''
  const columns: Column<AuditResult['hashTags'][number]>[] = [
    { title: 'Hash tag', kind: 'row', cell: ({ tag }) => name(tag, 100) },
    { title: 'keys', kind: 'number', cell: ({ keys }) => formatNumber(keys) },
    { title: 'bytes', kind: 'number', cell: ({ bytes }) => formatBytes(bytes) },
  ]
  return html`<div class="card">
    <h3>Hash tags</h3>
    ${table('Hash tags', columns, hashTags, MOST_SHOWN)}
  </div>`
}

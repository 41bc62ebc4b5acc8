import { expect, test } from 'vitest'
import { MAX_YAML_BYTES } from '#redline/config/yaml-size.js'
import { readYaml } from '#redline/config/yaml.js'

const told = (text: string) =>
  readYaml(text).mistakes.map(
    ({ position, field, message }) => `${position ? `${position.line}:${position.column} ` : ''}${field ? `${field}: ` : ''}${message}`,
  )

test('values and where they stand', () => {
  const source = readYaml('a: 1\nb:\n  - x\n  - c: { d: [1, 2] }\n')
  expect(source.value).toEqual({ a: 1, b: ['x', { c: { d: [1, 2] } }] })
  expect(source.mistakes).toEqual([])
  expect(source.locate([], 'value')).toEqual({ line: 1, column: 1 })
  expect(source.locate(['a'], 'key')).toEqual({ line: 1, column: 1 })
  expect(source.locate(['a'], 'value')).toEqual({ line: 1, column: 4 })
  expect(source.locate(['b', 0], 'value')).toEqual({ line: 3, column: 5 })
  expect(source.locate(['b', 1, 'c', 'd'], 'key')).toEqual({ line: 4, column: 10 })
  expect(source.locate(['b', 1, 'c', 'd', 1], 'value')).toEqual({ line: 4, column: 17 })
})

test('what is not there is located at the nearest thing around it', () => {
  const source = readYaml('a:\n  b: {}\nempty:\n')
  expect(source.locate(['a', 'b', 'c', 'd'], 'value')).toEqual({ line: 2, column: 6 })
  expect(source.locate(['a', 'x'], 'key')).toEqual({ line: 2, column: 3 })
  expect(source.locate(['empty'], 'value')).toEqual({ line: 3, column: 1 })
  expect(source.locate(['empty', 'x'], 'value')).toEqual({ line: 3, column: 1 })
})

test('columns count in files with Windows line ends and with a byte order mark', () => {
  expect(readYaml('a: 1\r\nb: 2\r\n').locate(['b'], 'value')).toEqual({ line: 2, column: 4 })
  expect(readYaml('\ufeffa: 1\nb: 2\n').locate(['b'], 'value')).toEqual({ line: 2, column: 4 })
})

test('through an alias the place is that of the anchor', () => {
  const source = readYaml('base: &b { pipeline: 2 }\nload: *b\n')
  expect(source.value).toEqual({ base: { pipeline: 2 }, load: { pipeline: 2 } })
  expect(source.locate(['load', 'pipeline'], 'value')).toEqual({ line: 1, column: 22 })
})

test('broken syntax is told with its place', () => {
  expect(told('a: [1,\nb: 2')).toEqual(['2:1 Flow sequence in block collection must be sufficiently indented and end with a ]'])
  expect(told('a:\n\t- b')).toEqual(['2:1 Tabs are not allowed as indentation'])
  expect(told('a: "open')).toEqual(['1:9 Missing closing "quote'])
  expect(told('a: !!js/function x')[0]).toContain('1:4 Unresolved tag')
  expect(readYaml('a: [1,').value).toBeUndefined()
})

test('a key written twice is a mistake, wherever it is', () => {
  expect(told('a: 1\nb:\n  c: 1\n  c: 2\na: 2\n')).toEqual(['4:3 b.c: written twice', '5:1 a: written twice'])
})

test('keys are text, and one file is one document', () => {
  expect(told('? [a, b]\n: 1')).toEqual(['1:3 a key must be plain text'])
  expect(told('a: 1\n---\nb: 2')).toEqual(['2:1 a second document; a file holds one'])
})

test('an alias to nothing is a mistake', () => {
  expect(told('a: *nowhere\nb: *b')).toEqual(['1:4 a: no anchor "nowhere" above', '2:4 b: no anchor "b" above'])
})

test('no name reaches the prototype', () => {
  const { value } = readYaml('__proto__: { polluted: true }\nconstructor: 1\n')
  expect(Object.keys(Object(value))).toEqual(['__proto__', 'constructor'])
  expect({}).not.toHaveProperty('polluted')
})

const deep = 30_000
test.each([
  ['lists in lists', '['.repeat(deep), 'nested too deeply'],
  ['closed lists in lists', '['.repeat(deep) + ']'.repeat(deep), 'nested too deeply'],
  ['maps in maps', '{a: '.repeat(deep / 2), 'nested too deeply'],
  ['sequences in sequences', '- '.repeat(deep), 'nested too deeply'],
  ['keys in keys', '? '.repeat(deep), 'nested too deeply'],
  ['indentation', Array.from({ length: 300 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'), 'nested too deeply'],
  ['a large file', 'a'.repeat(MAX_YAML_BYTES + 1), 'larger than 64 KB'],
  ['a large file in few characters', '键'.repeat(MAX_YAML_BYTES / 2), 'larger than 64 KB'],
  ['zero bytes', 'a: \0', 'not a text file'],
  ['bytes that were no UTF-8', 'a: \ufffd', 'not a text file'],
  ['nothing', ' \n\n', 'empty'],
  ['many aliases', `- &a 1\n${'- *a\n'.repeat(10_000)}`, 'more than 100 aliases'],
  ['a cyclic alias', 'a: &a { b: *a }', '"a" holds itself'],
])('%s', (_, text, message) => {
  expect(told(text).join()).toContain(message)
})

test('aliases of aliases of aliases stay small', () => {
  const level = (i: number) => `l${i}: &l${i} [${Array.from({ length: 9 }, () => `*l${i - 1}`).join(', ')}]`
  const bomb = ['l0: &l0 [x, x, x, x, x, x, x, x, x]', ...Array.from({ length: 9 }, (_, i) => level(i + 1))].join('\n')
  expect(told(bomb)).toEqual(['1:1 aliases repeat too much'])
})

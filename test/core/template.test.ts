import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { InputError } from '#redline/core/errors.js'
import { parseCommandLine, parseTemplate, TemplateError, type Argument, type Part } from '#redline/core/template.js'

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')
/** Arguments with literals as text: what a test can read. */
const readable = (args: Argument[]) =>
  args.map((arg) =>
    arg.map((part) => (part.kind === 'literal' ? text(part.bytes) : part.kind === 'oneof' ? { oneof: part.values.map(text) } : part)),
  )
const line = (command: string) => readable(parseCommandLine(command, 'command'))
/** The first part of `X <template>`. */
const part = (template: string): Part => parseCommandLine(`X ${template}`, 'command')[1]![0]!
const mistake = (parse: () => unknown): TemplateError => {
  try {
    parse()
  } catch (error) {
    if (error instanceof TemplateError) return error
    throw error
  }
  throw new Error('no mistake was found')
}

test('arguments are cut at spaces, and quotes hold them together', () => {
  expect(line('SET user:1  "two words"\t\'and three more\'')).toEqual([['SET'], ['user:1'], ['two words'], ['and three more']])
  expect(line(' GET k ')).toEqual([['GET'], ['k']])
  expect(line('SET k ""')).toEqual([['SET'], ['k'], []])
  expect(line(`SET k pre"mid dle"`)).toEqual([['SET'], ['k'], ['premid dle']])
})

test('double quotes take the escapes of redis-cli, single quotes only their own', () => {
  expect(line(String.raw`SET k "\n\r\t\b\a\x41\xff\"\\\q"`)).toEqual([['SET'], ['k'], ['\n\r\t\b\x07A\xff"\\q']])
  expect(line(String.raw`SET k '\n\x41\'\\ '`)).toEqual([['SET'], ['k'], [String.raw`\n\x41'\\ `]])
  expect(line(String.raw`SET k "\xZZ"`)).toEqual([['SET'], ['k'], ['xZZ']])
})

test('text is sent as UTF-8', () => {
  expect(line('SET k käse')).toEqual([['SET'], ['k'], ['k\xc3\xa4se']])
  expect(line('SET k "\\🙂"')).toEqual([['SET'], ['k'], ['\xf0\x9f\x99\x82']])
})

test.each([
  ['SET k "open', 6, 'the quote " is not closed'],
  [`SET k 'open\\'`, 6, "the quote ' is not closed"],
  ['SET k "a"b', 8, 'a closing quote needs a space after it'],
  ['', 0, 'the command is empty'],
  ['   ', 0, 'the command is empty'],
  ['{key} a', 0, 'a command starts with its name'],
  [' "" a', 1, 'a command starts with its name'],
])('%j is refused at %i: %s', (command, offset, message) => {
  const error = mistake(() => parseCommandLine(command, 'command'))
  expect(error).toBeInstanceOf(InputError)
  expect(error.offset).toBe(offset)
  expect(error.message).toContain(message)
})

test('placeholders stand anywhere in an argument, in quotes too', () => {
  const uniform = { kind: 'uniform' }
  const key = { kind: 'index', of: 'key', distribution: uniform }
  expect(line('SET user:{key}:profile "{member} of {key}" \'{seq}\'')).toEqual([
    ['SET'],
    ['user:', key, ':profile'],
    [{ kind: 'index', of: 'member', distribution: uniform }, ' of ', key],
    [{ kind: 'seq' }],
  ])
})

test('every placeholder', () => {
  expect(part('{key}')).toEqual({ kind: 'index', of: 'key', distribution: { kind: 'uniform' } })
  expect(part('{member sequential}')).toEqual({ kind: 'index', of: 'member', distribution: { kind: 'sequential' } })
  expect(part('{int 1..100}')).toEqual({ kind: 'int', low: 1, high: 100, distribution: { kind: 'uniform' } })
  expect(part('{int -5..5 gaussian}')).toEqual({ kind: 'int', low: -5, high: 5, distribution: { kind: 'gaussian' } })
  expect(part('{bytes 64}')).toEqual({ kind: 'bytes', low: 64, high: 64, distribution: { kind: 'uniform' } })
  expect(part('{bytes 16..4KB zipf 1.2}')).toEqual({ kind: 'bytes', low: 16, high: 4096, distribution: { kind: 'zipf', exponent: 1.2 } })
  expect(part('{word}')).toEqual({ kind: 'word' })
  expect(part('{email}')).toEqual({ kind: 'email' })
  expect(part('{uuid}')).toEqual({ kind: 'uuid' })
  expect(part('{seq}')).toEqual({ kind: 'seq' })
  expect(line('X {oneof free  pro käse}')).toEqual([['X'], [{ oneof: ['free', 'pro', 'k\xc3\xa4se'] }]])
})

test('every distribution, with its defaults', () => {
  const distribution = (name: string) => {
    const parsed = part(`{key ${name}}`)
    return parsed.kind === 'index' ? parsed.distribution : undefined
  }
  expect(distribution('uniform')).toEqual({ kind: 'uniform' })
  expect(distribution('zipf')).toEqual({ kind: 'zipf', exponent: 0.99 })
  expect(distribution('zipf 1')).toEqual({ kind: 'zipf', exponent: 1 })
  expect(distribution('gaussian')).toEqual({ kind: 'gaussian' })
  expect(distribution('hotspot')).toEqual({ kind: 'hotspot', keys: 20, requests: 80 })
  expect(distribution('hotspot 1% 99.5%')).toEqual({ kind: 'hotspot', keys: 1, requests: 99.5 })
  expect(distribution('sequential')).toEqual({ kind: 'sequential' })
})

test('datasets count with {i} and {j} where commands draw with {key} and {member}', () => {
  expect(readable([parseTemplate('user:{i}', 'dataset')])).toEqual([
    ['user:', { kind: 'index', of: 'i', distribution: { kind: 'sequential' } }],
  ])
  expect(mistake(() => parseTemplate('user:{key}', 'dataset')).message).toBe('{key} belongs to commands; a dataset counts with {i}')
  expect(mistake(() => parseTemplate('user:{member zipf}', 'dataset')).message).toBe(
    '{member} belongs to commands; a dataset counts with {j}',
  )
  expect(mistake(() => part('{i}')).message).toBe('{i} belongs to datasets; a command draws with {key}')
  expect(mistake(() => part('{j}')).message).toBe('{j} belongs to datasets; a command draws with {member}')
})

test('in a template of a dataset quotes, spaces and backslashes are text', () => {
  expect(readable([parseTemplate(String.raw` "a" 'b'\n {i}`, 'dataset')])).toEqual([
    [String.raw` "a" 'b'\n `, { kind: 'index', of: 'i', distribution: { kind: 'sequential' } }],
  ])
  expect(parseTemplate('', 'dataset')).toEqual([])
})

test('JSON, hash tags and other braces need no escape', () => {
  for (const plain of ['{"to":"x","n":{"deep":{}}}', '{user42}', '{User}', '{}', 'a}b{', '{0}', '{a-b}', '{key', '}}']) {
    expect(line(`SET k '${plain}'`)).toEqual([['SET'], ['k'], [plain]])
  }
  expect(line('SET {user{key}}:x 1')[1]).toEqual(['{user', { kind: 'index', of: 'key', distribution: { kind: 'uniform' } }, '}:x'])
})

test('a doubled brace is a literal one, where a placeholder would stand otherwise', () => {
  expect(line('GET {{key}}')).toEqual([['GET'], ['{key}']])
  expect(line('GET {{{key}}}')[1]).toEqual(['{', { kind: 'index', of: 'key', distribution: { kind: 'uniform' } }, '}'])
  expect(line(`SET k '{{a}} {"b":{"c":1}}'`)).toEqual([['SET'], ['k'], ['{a} {"b":{"c":1}}']])
  expect(line(String.raw`GET "\{key}"`)).toEqual([['GET'], ['{key}']])
})

test.each([
  ['GET a:{kye}', 6, 'unknown placeholder {kye}; did you mean {key}?'],
  ['GET {emial}', 4, 'unknown placeholder {emial}; did you mean {email}?'],
  ['GET {zpf}', 4, 'unknown placeholder {zpf}; did you mean {key zipf}?'],
  ['GET {user}', 4, 'unknown placeholder {user}; write {{user}} for the text itself'],
  ['GET "é {nothing here}"', 7, 'unknown placeholder {nothing}; write {{nothing}} for the text itself'],
  ['GET {key zpf}', 4, 'unknown distribution "zpf"; did you mean zipf?'],
  ['GET {key uniform 3}', 4, 'uniform takes nothing more'],
  ['GET {key zipf 0}', 4, 'zipf takes an exponent above 0'],
  ['GET {key zipf x}', 4, 'zipf takes an exponent above 0'],
  ['GET {key zipf 1 2}', 4, 'zipf takes an exponent above 0'],
  ['GET {key hotspot 20}', 4, 'hotspot takes two percentages'],
  ['GET {key hotspot 0 50}', 4, 'hotspot takes two percentages'],
  ['GET {key hotspot 120 50}', 4, 'hotspot takes two percentages'],
  ['GET {key hotspot 1 2 3}', 4, 'hotspot takes two percentages'],
  ['GET {key zipf', 4, 'a placeholder is not closed'],
  ['GET {int}', 4, '{int} needs a range: {int 1..100}'],
  ['GET {int 5}', 4, '{int} needs a range'],
  ['GET {int 5..1}', 4, 'the range 5..1 ends before it starts'],
  ['GET {int 0..4294967296}', 4, 'holds more than 2^32 values'],
  ['GET {int 0..99999999999999999}', 4, 'goes beyond 2^53'],
  ['SET k {bytes}', 6, '{bytes} needs a size'],
  ['SET k {bytes 1..}', 6, '{bytes} needs a size'],
  ['SET k {bytes 1..2..3}', 6, '{bytes} needs a size'],
  ['SET k {bytes ten}', 6, '"ten" is not a size; write 64, 100KB or 5MB'],
  ['SET k {bytes 4KB..16}', 6, 'the range 4KB..16 ends before it starts'],
  ['SET k {bytes 513MB}', 6, 'a value holds at most 512MB'],
  ['SET k {bytes 64 zipf}', 6, '{bytes 64} takes nothing more'],
  ['SET k {oneof}', 6, '{oneof} needs values'],
  ['SET k {uuid 4}', 6, '{uuid} takes nothing more'],
  ['SET k {seq zipf}', 6, '{seq} takes nothing more'],
])('%j is refused at %i: %s', (command, offset, message) => {
  const error = mistake(() => parseCommandLine(command, 'command'))
  expect(error.message).toContain(message)
  expect(error.offset).toBe(offset)
})

/** Quotes bytes as redis-cli prints them, so that nothing in them is special. */
const repr = (bytes: Uint8Array) => `"${Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}"`

test('any bytes can be written and are read back as they were', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (args) => {
      const parsed = parseCommandLine(['X', ...args.map(repr)].join(' '), 'command').slice(1)
      expect(
        parsed.map((arg) => text(Buffer.concat(arg.map((piece) => (piece.kind === 'literal' ? piece.bytes : Buffer.from('?')))))),
      ).toEqual(args.map(text))
    }),
  )
})

/** Either the arguments or the place of the mistake; anything else that is thrown is a defect. */
function parseOrOffset(command: string): { args: Argument[]; offset: number } {
  try {
    return { args: parseCommandLine(command, 'command'), offset: 0 }
  } catch (error) {
    if (error instanceof TemplateError) return { args: [], offset: error.offset }
    throw error
  }
}

test('any text is either parsed, or refused with a place in it', () => {
  const pieces = fc.constantFrom('{', '}', '{{', '}}', '{key}', '{int ', '1..2', ' ', '"', "'", '\\', 'x', 'ä', '🙂', '\ud800')
  fc.assert(
    fc.property(
      fc.array(pieces).map((parts) => parts.join('')),
      (hostile) => {
        const outcome = parseOrOffset(`X ${hostile}`)
        const neighbours = outcome.args.flatMap((arg) => arg.slice(1).map((later, i) => [arg[i]!.kind, later.kind]))
        expect(neighbours).not.toContainEqual(['literal', 'literal'])
        expect(outcome.offset).toBeLessThan(hostile.length + 2)
      },
    ),
    { numRuns: 500 },
  )
})

test('text without braces is its own template', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }).filter((plain) => !/[{}]/.test(plain) && plain !== ''),
      (plain) => {
        expect(readable([parseTemplate(plain, 'dataset')])).toEqual([[Buffer.from(plain).toString('latin1')]])
      },
    ),
  )
})

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { substituteVars, varsIn } from '#redline/core/vars.js'

const names = (text: string) => varsIn(text).map(({ name }) => name)
const replaced = (text: string, values: Record<string, unknown>) => substituteVars(text, values).text

test('vars are found by their dollar, also within a placeholder and in quotes', () => {
  expect(names('SET {$key} {bytes {$size}} "{$a-1}"')).toEqual(['key', 'size', 'a-1'])
  expect(varsIn('a {$b} c')).toEqual([{ name: 'b', start: 2, end: 6 }])
})

test.each(['{key}', '{}', '{$}', '{$ a}', '{$A}', '{$a', '$a', '{"a":{"b":1}}', '{{$a}}', 'user:{42}', '{{{{$a}}}}', '{$-a}', '{ $a}'])(
  '%s names none: the braces are themselves',
  (text) => {
    expect(names(text)).toEqual([])
    expect(replaced(text, { a: 1, A: 2, '': 3 })).toBe(text)
  },
)

test('a brace that is escaped does not hide the var after it', () => {
  expect(replaced('{{{$a}}}:x', { a: 5 })).toBe('{{5}}:x')
  expect(replaced('{"n":{$a}}', { a: 5 })).toBe('{"n":5}')
})

test('what is not known stays, and what is put in is not read again', () => {
  expect(replaced('{$a} {$b} {$toString}', { a: '{$b}' })).toBe('{$b} {$b} {$toString}')
  expect(replaced('{$a}{$a}', { a: true })).toBe('truetrue')
})

describe('a place in what came of it leads back to what was written', () => {
  const { text, writtenAt } = substituteVars('SET k {bytes {$size}} {$b}!', { size: 1024, b: '' })

  test('before, within and behind a var', () => {
    expect(text).toBe('SET k {bytes 1024} !')
    expect(writtenAt(0)).toBe(0)
    expect(writtenAt(text.indexOf('1024'))).toBe(13)
    expect(writtenAt(text.indexOf('24'))).toBe(13)
    expect(writtenAt(text.indexOf('}'))).toBe(20)
    expect(writtenAt(text.indexOf('!'))).toBe(26)
  })

  test('for any text', () => {
    const pieces = fc.array(fc.constantFrom('a', '{$x}', '{{', '}}', '{$y}', ' ', '{', 'é'), { maxLength: 12 })
    fc.assert(
      fc.property(pieces, (parts) => {
        const written = parts.join('')
        const { text, writtenAt } = substituteVars(written, { x: 'XX' })
        const places = Array.from({ length: text.length + 1 }, (_, offset) => writtenAt(offset))
        expect(places.every((place, i) => place <= written.length && place >= (places[i - 1] ?? 0))).toBe(true)
        const kept = Array.from(text, (char, offset) => ({ char, offset })).filter(({ char }) => char !== 'X')
        for (const { char, offset } of kept) expect(written[writtenAt(offset)]).toBe(char)
      }),
    )
  })
})

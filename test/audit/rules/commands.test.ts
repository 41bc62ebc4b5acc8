import { expect, test } from 'vitest'
import { commandKey, scanLine, shellWord } from '#redline/audit/rules/commands.js'
import { patternFacts } from '../../support/rules.js'

test('a plain name stands in a shell as it is, any other in quotes, and what no quotes hold not at all', () => {
  expect(shellWord('user:7@eu-1.example/x=y+z')).toBe('user:7@eu-1.example/x=y+z')
  expect(shellWord('user:<int>')).toBe("'user:<int>'")
  expect(shellWord('a b; reboot $(id) `id` "x"')).toBe('\'a b; reboot $(id) `id` "x"\'')
  expect(shellWord("it's; reboot")).toBe("'<key>'")
  expect(shellWord('line\\nbreak')).toBe("'<key>'")
  expect(shellWord('')).toBe("''")
})

test('a pattern is the key of a command only when it is plain', () => {
  expect(commandKey('lock:{<int>}:<*>')).toBe('lock:{<int>}:<*>')
  for (const hostile of ['a b', "a'", 'a"', 'a$(id)', 'a`id`', 'a;b', 'a\\x1b', 'a&b', 'a(b)', 'ä'])
    expect(commandKey(hostile)).toBe('<key>')
})

test('what lists the keys of a pattern takes its masks for stars, and the glob of a contract as it is', () => {
  expect(scanLine(patternFacts({ pattern: 'user:<int>:{<uuid>}:<*>' }))).toEqual(["redis-cli --scan --pattern 'user:*:{*}:*'"])
  expect(scanLine(patternFacts({ pattern: 'a[b]?:<int>' }), ' | head')).toEqual(["redis-cli --scan --pattern 'a?b??:*' | head"])
  expect(scanLine(patternFacts({ pattern: 'x', contract: { pattern: 'user:[0-9]*' } }))).toEqual([
    "redis-cli --scan --pattern 'user:[0-9]*'",
  ])
})

test('there is no line for what fitted no pattern, nor for a name with a quote or an escape', () => {
  expect(scanLine(patternFacts({ other: true }))).toEqual([])
  expect(scanLine(patternFacts({ pattern: "a'; reboot #<int>" }))).toEqual([])
  expect(scanLine(patternFacts({ pattern: 'a\\x00<int>' }))).toEqual([])
})

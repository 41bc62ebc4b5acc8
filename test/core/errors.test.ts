import { expect, test } from 'vitest'
import { ConnectionError, EXIT, InputError, InterruptedError, messageOf, RedlineError, SafetyError } from '#redline/core/errors.js'

test('an error says its kind, hint, exit code and cause', () => {
  const cause = new Error('below')
  const error = new ConnectionError('refused', { hint: 'start the server', cause })
  expect(error).toBeInstanceOf(RedlineError)
  expect(error).toMatchObject({ name: 'ConnectionError', message: 'refused', hint: 'start the server', exitCode: EXIT.usage, cause })
})

test('exit codes are those that the manual promises', () => {
  expect(EXIT).toEqual({ ok: 0, failed: 1, usage: 2, invalid: 3, interrupted: 130 })
  expect([new InputError('a'), new SafetyError('b'), new InterruptedError()].map(({ exitCode }) => exitCode)).toEqual([2, 2, 130])
  expect(new RedlineError('invalid', { exitCode: EXIT.invalid }).exitCode).toBe(3)
})

test('anything that was thrown has a message', () => {
  expect([new Error('a'), 'b', undefined].map(messageOf)).toEqual(['a', 'b', 'undefined'])
})

import { expect, test } from 'vitest'
import { Progress } from '#redline/cli/progress.js'
import type { World } from '#redline/cli/world.js'

test('a step is told once, a warning each time', () => {
  let said = ''
  const stderr = { write: (text: string) => void (said += text), isTTY: false, columns: undefined }
  const world: World = {
    stdout: stderr,
    stderr,
    env: {},
    cwd: '/',
    signal: new AbortController().signal,
    version: '0.0.0-test',
    open: () => Promise.resolve(),
  }
  const { onEvent } = new Progress(world)
  for (const port of [7001, 7002]) {
    onEvent({ kind: 'step', message: 'looking for a server on PATH' })
    onEvent({ kind: 'step', message: `started one at ${port}` })
    onEvent({ kind: 'warning', message: 'it is slow' })
  }
  expect(said.split('\n')).toEqual([
    'looking for a server on PATH',
    'started one at 7001',
    'warning: it is slow',
    'started one at 7002',
    'warning: it is slow',
    '',
  ])
})

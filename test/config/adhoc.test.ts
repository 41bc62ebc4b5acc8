import { expect, test } from 'vitest'
import { planAdHoc, type AdHoc } from '#redline/config/adhoc.js'
import { InputError } from '#redline/core/errors.js'

const plan = (fields: AdHoc['fields'] = {}, commands = ['GET user:{key}']) => planAdHoc({ commands, fields })
const mistakes = (fields: AdHoc['fields'], commands?: string[]): string[] => {
  try {
    plan(fields, commands)
  } catch (error) {
    if (error instanceof InputError) return error.message.split('\n')
    throw error
  }
  return []
}

test('a command alone is a plan', () => {
  expect(plan()).toMatchObject({
    id: 'ad-hoc',
    claim: '',
    dataset: [],
    rounds: 1,
    expectations: [],
    variants: [
      {
        id: 'ad-hoc',
        point: {},
        delayMs: 0,
        loads: [
          {
            name: 'main',
            executor: 'closed',
            commands: [{ line: 'GET user:{key}' }],
            connections: 50,
            pipeline: 1,
            durationMs: 10_000,
            keys: 100_000,
          },
        ],
      },
    ],
  })
})

test('options are read by the type of their field', () => {
  const fields = {
    connections: '20',
    pipeline: '16',
    threads: '2',
    duration: '3s',
    warmup: '0s',
    keys: '500',
    members: '7',
    driver: 'ioredis',
    protocol: '3',
  }
  expect(plan(fields, ['GET {key}', 'SET {key} 1']).variants[0]!.loads[0]).toMatchObject({
    commands: [{ line: 'GET {key}' }, { line: 'SET {key} 1' }],
    connections: 20,
    pipeline: 16,
    threads: 2,
    durationMs: 3000,
    warmupMs: 0,
    keys: 500,
    members: 7,
    driver: 'ioredis',
    protocol: 3,
  })
  expect(planAdHoc({ commands: ['PING'], fields: { count: '1000', duration: undefined }, rounds: 4 })).toMatchObject({
    rounds: 4,
    variants: [{ loads: [{ count: 1000, durationMs: undefined }] }],
  })
})

test('a rate makes the loop open', () => {
  expect(plan({ rate: '20000' }).variants[0]!.loads[0]).toMatchObject({ executor: 'open', rate: 20_000, arrival: 'poisson' })
})

test('all mistakes are told at once, by the names of the options', () => {
  expect(
    mistakes({ connections: 'many', duration: '10 sec', rate: '0', protocol: '5', driver: 'wird' }, ['GET {kye}', '', 'SET "a']),
  ).toEqual([
    'the command line has 8 mistakes',
    '  --command at 5: unknown placeholder {kye}; did you mean {key}?',
    '  --command: the command is empty',
    '  --command at 5: the quote " is not closed',
    '  --connections: expected a number, got "many"',
    '  --duration: "10 sec" is not a duration; write 10s, 500ms or 2m',
    '  --rate: must be more than 0',
    '  --protocol: expected 2 or 3, got 5',
    '  --driver: expected wire or ioredis, got "wird"; did you mean wire?',
  ])
})

test('options that exclude each other are told', () => {
  expect(mistakes({ duration: '1s', count: '5' })).toEqual([
    'the command line has 1 mistake',
    '  --count: stands beside duration; keep one of them',
  ])
  expect(mistakes({ arrival: 'constant' })[1]).toContain('--arrival: the closed executor takes no arrival')
  expect(mistakes({}, [])).toEqual(['the command line has 1 mistake', '  --command: give at least one'])
})

test('the hash sees what is measured and not how often', () => {
  expect(plan({ connections: '50' }).hash).toBe(plan().hash)
  expect(planAdHoc({ commands: ['GET user:{key}'], fields: {}, rounds: 3 }).hash).toBe(plan().hash)
  expect(plan({ connections: '51' }).hash).not.toBe(plan().hash)
})

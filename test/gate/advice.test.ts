import { expect, test } from 'vitest'
import { adviceFor } from '#redline/gate/advice.js'
import { ADVICE, type Doctor } from '#redline/schema/doctor.js'
import { diagnosis } from '../support/diagnoses.js'

const codesOf = (doctor: Omit<Doctor, 'advice'>) => adviceFor(doctor).map(({ code }) => code)
const quiet = diagnosis()

test('a steady machine needs no advice', () => {
  expect(codesOf(quiet)).toEqual([])
})

/** What is just wrong enough, and what is just not. */
const CASES: [(typeof ADVICE)[number], bad: Omit<Doctor, 'advice'>, good: Omit<Doctor, 'advice'>][] = [
  ['steal', diagnosis({ machine: { stealShare: 0.006 } }), diagnosis({ machine: { stealShare: null } })],
  ['others', diagnosis({ machine: { othersShare: 0.06 } }), diagnosis({ machine: { othersShare: 0.04 } })],
  ['hiccups', diagnosis({ machine: { hiccupMaxMs: 11 } }), diagnosis({ machine: { hiccupMaxMs: 9 } })],
  ['hiccups', diagnosis({ machine: { hiccupShare: 0.02 } }), diagnosis({ machine: { hiccupShare: 0.009 } })],
  ['timer', diagnosis({ machine: { timerStepNs: 16_000 } }), diagnosis({ machine: { timerStepNs: 1000 } })],
  ['governor', diagnosis({ environment: { governor: 'powersave' } }), diagnosis({ environment: { governor: 'performance' } })],
  [
    'huge-pages',
    diagnosis({ environment: { transparentHugePages: 'always' } }),
    diagnosis({ environment: { transparentHugePages: null } }),
  ],
  ['few-cores', diagnosis({ environment: { cores: 2 } }), diagnosis({ environment: { cores: 4 } })],
  ['invalid', diagnosis({ pairs: 26 }), diagnosis({ pairs: 25 })],
  ['noise', diagnosis({ change: 0.11 }), diagnosis({ change: 0.09 })],
  ['false-alarm', diagnosis({ verdict: 'worse' }), diagnosis({ verdict: 'same' })],
]

test.each(CASES)('%s is told when it is so, and only then', (code, bad, good) => {
  expect(codesOf(bad)).toEqual([code])
  expect(codesOf(good)).toEqual([])
  for (const { text, remedy } of adviceFor(bad)) expect([text, remedy].every((words) => words.length > 20)).toBe(true)
})

test('every kind of advice has a case here', () => {
  expect(new Set(CASES.map(([code]) => code))).toEqual(new Set(ADVICE))
})

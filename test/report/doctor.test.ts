import { expect, test } from 'vitest'
import { adviceFor } from '#redline/gate/advice.js'
import { doctorToJson, renderDoctor } from '#redline/report/doctor.js'
import { displayWidth } from '#redline/report/wrap.js'
import { doctorSchema } from '#redline/schema/doctor.js'
import { type DiagnosisFields, diagnosis } from '../support/diagnoses.js'

const doctor = (fields: DiagnosisFields = {}) => ({ ...diagnosis(fields), advice: adviceFor(diagnosis(fields)) })
const style = (width: number, color = false) => ({ width, color, unicode: true })

test('a steady machine, and the smallest change that is found on it', () => {
  const text = renderDoctor(doctor(), style(100))
  expect(text).toContain('redline doctor · hashes/profile-read · 20 pairs of equal rounds count, 0.7 s each')
  expect(text).toContain('  clock    steps of 40 ns, 60 ns a reading')
  expect(text).toMatch(/ {2}takes about +7s +1m 52s/)
  expect(text).toMatch(/ {2}throughput +-20% +-6%/)
  expect(text).toContain('nothing speaks against measuring here')
})

test('advice has its remedy below it, in every width', () => {
  const bad = doctor({ machine: { stealShare: 0.1, othersShare: null, waitedShare: null }, environment: { cores: 2 }, pairs: 40 })
  for (const width of [60, 80, 160]) {
    const text = renderDoctor(bad, style(width))
    expect(Math.max(...text.split('\n').map(displayWidth))).toBeLessThanOrEqual(width)
    const words = text.replaceAll(/\s+/g, ' ')
    expect(words).toContain("⚠ the hypervisor took 10% of the machine's time")
    expect(words).toContain('measure with redline ab')
    expect(words).toContain('20 of 40 pairs')
    expect(words).toContain('not told by this system')
  }
})

test('names that anybody could have given are made safe', () => {
  const text = renderDoctor(doctor({ scenario: 'a\u001b[31m', variant: 'b\u001b]0;c\u0007' }), style(80))
  expect(text).not.toContain('\u001b')
  expect(renderDoctor(doctor(), style(80, true))).toContain('\u001b[1mredline doctor')
})

test('the document is of its schema', () => {
  const bad = doctor({ machine: { stealShare: 0.1 } })
  expect(doctorSchema.parse(JSON.parse(doctorToJson(bad)))).toEqual(bad)
})

import { expect, test } from 'vitest'
import { holm } from '#redline/stats/holm.js'
import { golden } from './golden/golden.js'

test.each(golden.holm)('adjusted by definition, case %#', ({ p, adjusted }) => {
  holm(p).forEach((value, i) => expect(value).toBeCloseTo(adjusted[i]!, 12))
})

test('none has none', () => {
  expect(holm([])).toEqual([])
})

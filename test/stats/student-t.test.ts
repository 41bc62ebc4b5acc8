import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { studentTQuantile } from '#redline/stats/student-t.js'

const PROBABILITIES = [0.9, 0.95, 0.975, 0.99, 0.995, 0.999, 0.9995]

/*
 * Roots of the incomplete beta function, found with mpmath 1.3 (Python) at 40 digits, each checked there by integrating the
 * density numerically to 25 digits. One row for each number of degrees of freedom, one column for each probability.
 */
test.each([
  [1, 3.077683537175253, 6.313751514675043, 12.7062047361747, 31.82051595377396, 63.65674116287158, 318.3088389855504, 636.6192487687196],
  [2, 1.885618083164127, 2.919985580353726, 4.302652729749464, 6.964556734283274, 9.924843200918293, 22.32712477011988, 31.59905457644362],
  [3, 1.63774435369621, 2.353363434801824, 3.18244630528371, 4.540702858568134, 5.840909309733357, 10.21453185240739, 12.92397863668748],
  [4, 1.533206274058944, 2.13184678632665, 2.776445105197794, 3.746947387979197, 4.604094871349993, 7.173182219782308, 8.610301581379275],
  [5, 1.475884048824481, 2.015048373333024, 2.570581835636316, 3.364929998907219, 4.032142983555228, 5.89342953135601, 6.86882662588111],
  [6, 1.439755747265148, 1.943180280515303, 2.44691185114497, 3.142668403290983, 3.70742802132478, 5.207626238725364, 5.95881617881876],
  [7, 1.414923927650508, 1.894578605090007, 2.364624251592785, 2.997951566868528, 3.499483297350494, 4.785289628638334, 5.407882520861725],
  [9, 1.383028738396632, 1.833112932656237, 2.262157162798206, 2.821437925025809, 3.249835541592126, 4.296805662729918, 4.780912585931139],
  [12, 1.356217334023205, 1.78228755564932, 2.178812829667229, 2.680997993120915, 3.054539589392902, 3.929633264626492, 4.317791283606185],
  [19, 1.327728209026798, 1.72913281152137, 2.09302405440831, 2.539483190623963, 2.860934606464979, 3.579400148954716, 3.883405852592083],
  [29, 1.311433647301551, 1.699127026533498, 2.045229642132704, 2.462021360150412, 2.756385903670605, 3.396240288356803, 3.659405019466333],
  [49, 1.29906878474775, 1.676550892616854, 2.00957523712924, 2.404891759537669, 2.679951973631552, 3.265079172928859, 3.500442891367367],
  [99, 1.290161442034485, 1.660391156016991, 1.984216951586417, 2.364605861786943, 2.626405457280828, 3.174603849755752, 3.391528833363651],
  [
    150, 1.287220913614946, 1.655075500187175, 1.975905330896621, 2.351464581778307, 2.609002565865538, 3.145452531982356,
    3.356568981742443,
  ],
  [
    200, 1.285798793994801, 1.652508100910878, 1.971896223633909, 2.345137082259468, 2.600634436191558, 3.131479814221121,
    3.339835406275678,
  ],
])('%i degrees of freedom', (df, ...quantiles) => {
  expect(quantiles).toHaveLength(PROBABILITIES.length)
  PROBABILITIES.forEach((p, i) => expect(relativeError(studentTQuantile(p, df), quantiles[i]!)).toBeLessThan(1e-12))
})

test('1, 2 and 4 degrees of freedom have closed forms', () => {
  for (const p of [0.001, 0.025, 0.3, 0.7, ...PROBABILITIES]) {
    const alpha = 4 * p * (1 - p)
    const four = Math.cos(Math.acos(Math.sqrt(alpha)) / 3) / Math.sqrt(alpha)
    expect(relativeError(studentTQuantile(p, 1), Math.tan(Math.PI * (p - 0.5)))).toBeLessThan(1e-12)
    expect(relativeError(studentTQuantile(p, 2), (2 * p - 1) / Math.sqrt(2 * p * (1 - p)))).toBeLessThan(1e-12)
    expect(relativeError(studentTQuantile(p, 4), Math.sign(p - 0.5) * 2 * Math.sqrt(four - 1))).toBeLessThan(1e-12)
  }
})

const degreesOfFreedom = fc.integer({ min: 1, max: 200 })
const probability = fc.double({ min: 0.0005, max: 0.9995, noNaN: true })

test('the probability up to the quantile is the one that was asked for', () => {
  fc.assert(
    fc.property(probability, degreesOfFreedom, (p, df) => {
      expect(Math.abs(probabilityUpTo(studentTQuantile(p, df), df) - p)).toBeLessThan(1e-12)
    }),
    { numRuns: 1000, seed: 1 },
  )
})

test('it is 0 in the middle, symmetric around it, grows with p and shrinks with more degrees of freedom', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.501, max: 0.9995, noNaN: true }), degreesOfFreedom, (p, df) => {
      const t = studentTQuantile(p, df)
      expect(relativeError(-studentTQuantile(1 - p, df), t)).toBeLessThan(1e-11)
      expect(studentTQuantile(p + 1e-4, df)).toBeGreaterThan(t)
      expect(studentTQuantile(p, df + 1)).toBeLessThan(t)
      expect(studentTQuantile(0.5, df)).toBe(0)
    }),
    { numRuns: 300, seed: 1 },
  )
})

test('with ever more degrees of freedom it becomes the normal quantile', () => {
  const excess = [1000, 2000, 4000].map((df) => studentTQuantile(0.975, df) - 1.959963984540054)
  // The first term of the expansion in 1 / df is (z^3 + z) / (4 df).
  expect(excess.map((value, i) => (value * [1000, 2000, 4000][i]!) / 2.3722717)).toEqual([1, 1, 1].map((one) => expect.closeTo(one, 2)))
})

test.each([
  [0, 5],
  [1, 5],
  [-0.1, 5],
  [NaN, 5],
  [0.975, 0],
  [0.975, -1],
  [0.975, NaN],
])('there is no quantile for p = %d with %d degrees of freedom', (p, df) => {
  expect(() => studentTQuantile(p, df)).toThrow(RangeError)
})

const relativeError = (actual: number, expected: number) => Math.abs(actual / expected - 1)

/** P(T <= t) as the finite sum that whole degrees of freedom have (Abramowitz & Stegun 26.7.3 and 26.7.4). */
function probabilityUpTo(t: number, df: number): number {
  const angle = Math.atan(t / Math.sqrt(df))
  const odd = df % 2
  let term = odd ? Math.cos(angle) : 1
  let sum = df === 1 ? 0 : term
  for (let k = odd ? 3 : 2; k <= df - 2; k += 2) {
    term *= ((k - 1) / k) * Math.cos(angle) ** 2
    sum += term
  }
  const central = odd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum
  return (1 + central) / 2
}

/**
 * The b of y = a * x^b by ordinary least squares of log y on log x; undefined unless every y is known and above 0, every x above 0, and
 * two x differ.
 */
export function fittedExponent(points: readonly { x: number; y: number | undefined }[]): number | undefined {
  const logs = points.map(({ x, y = NaN }) => ({ x: Math.log(x), y: Math.log(y) }))
  const centre = { x: mean(logs.map(({ x }) => x)), y: mean(logs.map(({ y }) => y)) }
  const spread = sum(logs.map(({ x }) => (x - centre.x) ** 2))
  const slope = sum(logs.map(({ x, y }) => (x - centre.x) * (y - centre.y))) / spread
  return Number.isFinite(slope) ? slope : undefined
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
const mean = (values: readonly number[]) => sum(values) / values.length

import { parseDocument } from './read-document.js'
import { runBaselineSchema, type RunBaseline } from './run-record.js'

/** The baseline of runs that a file holds; `name` is the file as the user knows it. Throws InputError, which says what is wrong with it and where. */
export function parseRunBaseline(text: string, name: string): RunBaseline {
  return parseDocument(text, name, {
    schema: runBaselineSchema.shape.schema.value,
    what: 'a baseline of runs',
    hint: 'name a baseline that `redline baseline update` wrote',
    type: runBaselineSchema,
    contradictions: unevenRounds,
  })
}

/** What the schema can't say: that all that was measured in the rounds of a variant has as many of them. */
function unevenRounds({ runs }: RunBaseline): string[] {
  return runs.flatMap(({ scenarios }, run) =>
    scenarios.flatMap(({ variants }, scenario) =>
      variants.flatMap(({ loads, serverCpuShare, generatorCpuUs }, variant) => {
        const lengths = [serverCpuShare, generatorCpuUs, ...loads.flatMap(({ metrics }) => Object.values(metrics))].map(
          ({ length }) => length,
        )
        if (lengths.every((length) => length === serverCpuShare.length)) return []
        return [`runs[${run}].scenarios[${scenario}].variants[${variant}]: its lists of rounds differ in length`]
      }),
    ),
  )
}

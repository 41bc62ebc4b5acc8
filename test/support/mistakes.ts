import { loadScenarioFile } from '#redline/config/scenario-file.js'
import { InputError } from '#redline/core/errors.js'

/** The mistakes that some work is refused with, one by line, without heading and alignment; none when it is not. */
export function mistakesOf(work: () => unknown): string[] {
  try {
    work()
    return []
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    const [, ...lines] = error.message.split('\n')
    return lines.map((line) => line.trim().replace(/^(\d+:\d+) +/, '$1 '))
  }
}

/** The mistakes of a scenario file, each with line and column. */
export function mistakesIn(text: string): string[] {
  return mistakesOf(() => loadScenarioFile('mine.yaml', text))
}

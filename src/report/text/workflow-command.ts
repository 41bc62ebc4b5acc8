/** An annotation of a GitHub workflow. */
export interface Annotation {
  level: 'error' | 'warning' | 'notice'
  title: string
  message: string
  /** Where it belongs in a file of the repository. */
  at?: { file: string; line: number; column: number } | undefined
}

/** The workflow command that makes an annotation, as @actions/core writes it. */
export function annotationCommand({ level, title, message, at }: Annotation): string {
  const properties = { title, ...(at && { file: at.file, line: String(at.line), col: String(at.column) }) }
  const listed = Object.entries(properties).map(([name, value]) => `${name}=${propertyValue(value)}`)
  return `::${level} ${listed.join(',')}::${commandData(message)}\n`
}

/** What follows the second `::`: one line, whatever is in it. */
export function commandData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

/** The value of a property, in which nothing ends the property or the list. */
export function propertyValue(text: string): string {
  return commandData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}

/** Annotations of each kind that GitHub keeps of a step; it drops what is beyond without a word. */
const MOST_OF_A_KIND = 10

/** As many of each kind as GitHub keeps, errors first. Where there are more, the last of the kind says how many are not shown. */
export function limited(annotations: readonly Annotation[]): Annotation[] {
  return (['error', 'warning', 'notice'] as const).flatMap((level) => {
    const same = annotations.filter((annotation) => annotation.level === level)
    if (same.length <= MOST_OF_A_KIND) return same
    const kept = same.slice(0, MOST_OF_A_KIND - 1)
    const rest = same.length - kept.length
    const what = level === 'error' ? 'errors' : level === 'warning' ? 'warnings' : 'notes'
    const message = `GitHub shows ${MOST_OF_A_KIND} annotations of a kind: ${rest} more ${what} are in the result document`
    return [...kept, { level, title: `${rest} more ${what}`, message }]
  })
}

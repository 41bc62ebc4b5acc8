/**
 * A name as an argument of a command that can be copied into redis-cli: in quotes where it needs them. Names are as `safeText` writes
 * them, whose `\n` and `\x1b` redis-cli reads back between quotes.
 */
export function argument(name: string): string {
  return name === '' || /[\s"'\\]/.test(name) ? `"${name.replace(/"/g, '\\"')}"` : name
}

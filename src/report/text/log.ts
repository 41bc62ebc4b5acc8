/**
 * Text for a log in which a CI system looks for commands: a line that begins with `::` (GitHub), and `##[`, `##vso[`, `##teamcity[` anywhere (GitHub's
 * older form, Azure, TeamCity). Anybody can name a key so; here they are text.
 */
export function logText(text: string): string {
  return text.replaceAll(/^([ \t]*):(?=:)/gm, '$1\\x3a').replaceAll(/##(?=\w*\[)/g, '#\\x23')
}

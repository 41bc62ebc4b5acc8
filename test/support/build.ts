import { spawnSync } from 'node:child_process'

/**
 * Compiles src/ to dist/ before any test runs. Type errors are printed and don't stop the tests (`npm run check` fails on
 * them); only a build that wrote nothing does.
 */
export default function build(): void {
  const { status } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' })
  if (status !== 0 && status !== 2) throw new Error(`tsc ended with ${status} and wrote nothing`)
}

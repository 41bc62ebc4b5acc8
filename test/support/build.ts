import { execFileSync } from 'node:child_process'

/** Compiles src/ to dist/ before any test runs. */
export default function build(): void {
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' })
}

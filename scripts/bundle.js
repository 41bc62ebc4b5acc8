/*
 * The command in some large files instead of hundreds of small ones: Node takes about a millisecond to find, read and link each. Made of what tsc
 * compiled, with the part of zod that redline uses; other packages stay where they are.
 */
import { rmSync } from 'node:fs'
import { relative } from 'node:path'
import { rolldown } from 'rolldown'
import { CLI, COMPILED_CLI, ROOT } from './setup.js'

const FOLDER = `${ROOT}dist/bundle`

/** What a module looks for beside itself (workers, Lua scripts, pages of rules) it finds there, not beside the bundle. */
const ownPlace = {
  name: 'own-place',
  transform(code, id) {
    if (!code.includes('import.meta.url')) return null
    const place = JSON.stringify(relative(FOLDER, id))
    return { code: code.replaceAll('import.meta.url', `new URL(${place}, import.meta.url).href`), map: null }
  },
}

rmSync(FOLDER, { recursive: true, force: true })
const bundle = await rolldown({
  input: `${ROOT}${COMPILED_CLI}`,
  external: (id) => /^[^./]/.test(id) && id !== 'zod',
  platform: 'node',
  plugins: [ownPlace],
})
await bundle.write({ dir: FOLDER, format: 'esm', entryFileNames: relative(FOLDER, `${ROOT}${CLI}`), chunkFileNames: '[name].js' })
await bundle.close()

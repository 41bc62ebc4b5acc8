// Holds a server until it is killed, as a run does. Prints what the test has to watch: the server's pid and its address.
import { acquireServer } from '#redline/server/acquire.js'

process.on('SIGINT', () => undefined)
const context = { env: process.env, signal: new AbortController().signal, onProgress: () => undefined }
const server = await acquireServer({ listen: process.argv[2] }, context)
console.log(JSON.stringify({ pid: server.pid, origin: server.origin, address: server.address }))

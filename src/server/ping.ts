import { connect } from 'node:net'
import type { ServerAddress } from './provider.js'

/**
 * Whether a server is ready: it answers PING, or refuses it for want of a password or a right, which is a server's
 * answer too. Loading (LOADING), silence and closing are not. Never rejects.
 */
export function answersPing(address: ServerAddress, timeoutMs = 1000): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address)
    let heard = ''
    const finish = (ready: boolean) => {
      socket.destroy()
      resolve(ready)
    }
    socket.setTimeout(timeoutMs, () => finish(false))
    socket.on('connect', () => socket.write('*1\r\n$4\r\nPING\r\n'))
    socket.on('data', (bytes) => {
      heard += bytes.toString('latin1')
      if (heard.includes('\r\n')) finish(/^(\+PONG|-NOAUTH|-NOPERM|-ERR max number of clients)/.test(heard))
    })
    socket.on('error', () => finish(false))
    socket.on('close', () => finish(false))
  })
}

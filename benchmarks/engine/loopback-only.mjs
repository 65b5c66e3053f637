// Preloaded into the peer, which knows no option for the address that it binds: its port opens on loopback alone.
import { Server } from 'node:net'

const listen = Server.prototype.listen
Server.prototype.listen = /** @type {typeof listen} */ (
  function (/** @type {any[]} */ ...given) {
    const [first, ...rest] = given
    const options = typeof first === 'object' && first !== null ? first : { port: Number(first) }
    const done = rest.filter((other) => typeof other === 'function')
    return listen.call(this, { ...options, host: '127.0.0.1' }, ...done)
  }
)

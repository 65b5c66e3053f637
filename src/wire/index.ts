// The wire room: what daemon and client say to each other over one websocket, and how.
export { type Channel, socketChannel } from './channel.ts'
export { COORDINATOR_METHODS, type LostClaim, type WorkerOpening } from './coordinator-methods.ts'
export { type DaemonRecord, daemonFile, readDaemonFile } from './daemon-file.ts'
export { FABRIC_METHODS, type RemoteFabricMethod } from './fabric-methods.ts'
export { LIMIT_MS, type Method } from './method.ts'
export { METHODS, type NamedMethod } from './methods.ts'
export { isLost, Peer, type PeerEnd, type PeerOptions } from './peer.ts'
export {
  CLOSE,
  checkVersions,
  type Hello,
  helloSchema,
  LIMITS,
  SUBPROTOCOL,
  type Welcome,
  WIRE_PATH,
} from './protocol.ts'
export type { WireRequest } from './request.ts'
export type { Served } from './served.ts'
export type { StreamReader } from './stream-reader.ts'
export { errorFromWire, errorToWire } from './wire-error.ts'

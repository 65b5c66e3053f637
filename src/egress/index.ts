// The door out of the process, as other rooms may use it.
/** Opens the door; see DoorOptions for what can be passed in. */
export { type DoorOptions, openDoor } from './door.ts'
export type {
  AllowedRoute,
  Attempt,
  AwsRecipe,
  BodyPiece,
  Departure,
  Door,
  DoorSocket,
  Gate,
  HmacRecipe,
  IncomingResponse,
  JwsRecipe,
  MultipartField,
  OutgoingRequest,
  RetryDecision,
  RetryPolicy,
  SecretSlot,
  SendOptions,
  SendResult,
  SignedField,
  SignedPart,
  SigningRecipe,
  SocketOptions,
  StreamOptions,
  StreamResult,
  Subject,
} from './port.ts'
/** Compares a request with a route of the manifest, as the door does before anything leaves. */
export { matchRoute, type RouteMatch } from './route.ts'
export type { Target } from './target.ts'

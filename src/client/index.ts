// The client room: a fabric wherever it runs. A running daemon is used where there is one, else the home is opened here.
export {
  type AddContext,
  addContext,
  type Context,
  type ContextsAt,
  listContexts,
  removeContext,
  useContext,
} from './contexts.ts'
export { type OpenOptions, openFabric } from './open.ts'

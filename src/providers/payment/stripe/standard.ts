// The type of a standard operation, for those that stand beside index.ts.
import type { InputOf, Operation, ResultOf, StandardOperationId } from '../../../adapter/index.ts'

export type Standard<K extends StandardOperationId> = Operation<InputOf<K>, ResultOf<K>>

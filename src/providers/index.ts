// The providers room: one definition a provider, listed by the generated index.
export { PROVIDERS } from './index.generated.ts'

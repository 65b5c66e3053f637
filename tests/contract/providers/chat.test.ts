// Providers of the category chat against their vendors' descriptions and the catalogue of facts.
import { contractOf } from '../harness/contract-of.ts'

await contractOf('chat')

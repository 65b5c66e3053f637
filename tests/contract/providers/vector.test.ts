// Providers of the category vector against their vendors' descriptions and the catalogue of facts.
import { contractOf } from '../harness/contract-of.ts'

await contractOf('vector')

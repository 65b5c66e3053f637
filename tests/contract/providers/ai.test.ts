// Providers of the category ai against their vendors' descriptions and the catalogue of facts.
import { contractOf } from '../harness/contract-of.ts'

await contractOf('ai')

// What a module is built from: a script or a core module, with its service contract from a file beside it, or the one
// with every default.
import { existsSync } from 'node:fs'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { FabricError, invalidFile, type ParsedDocument } from '../../foundation/index.ts'
import { checkScriptExports, type ModuleKind } from '../module/guest-interface.ts'
import { meteredFor } from '../module/load-module.ts'
import { type ModuleCode, refuseSealed } from '../module/module-file.ts'
import { readModuleFile } from '../module/module-folder.ts'
import { readServiceContract, type ServiceContract } from '../module/service-contract.ts'
import { bundleScript } from './bundle-script.ts'

export interface ModuleSource {
  input: string
  code: ModuleCode
  /** Refuses it where it does not export what its kind must. */
  checkKind(kind: ModuleKind, contract: ServiceContract): void
}

const SCRIPTS = ['.ts', '.mts', '.js', '.mjs']
const CONTRACT = 'contract.yaml'

/** Reads and, where it is a script, bundles it. IF_ERR_NOT_FOUND, IF_ERR_INVALID_INPUT or IF_ERR_MODULE_INVALID. */
export async function readSource(input: string): Promise<ModuleSource> {
  const path = resolve(input)
  if (!existsSync(path)) throw new FabricError('IF_ERR_NOT_FOUND', `${input}: there is no such file`)
  if (SCRIPTS.includes(extname(path))) {
    const { script, exports } = await bundleScript(path)
    checkScriptExports(exports, undefined, input)
    return {
      input,
      code: { kind: 'script', script },
      checkKind: (kind) => checkScriptExports(exports, kind, input),
    }
  }
  if (extname(path) === '.wasm') {
    const wasm = await readModuleFile(path)
    refuseSealed(wasm, input)
    return {
      input,
      code: { kind: 'wasm', wasm },
      checkKind: (kind, contract) => void meteredFor(wasm, { contract, kind, file: input }),
    }
  }
  throw new FabricError(
    'IF_ERR_INVALID_INPUT',
    `${input}: expected a file that ends in ${SCRIPTS.join(', ')} or .wasm`,
    {
      hint: 'A module that is built already is loaded: ifab chassis load FILE.',
    },
  )
}

export interface ContractFile extends ParsedDocument<ServiceContract> {
  file: string
}

/** The contract of a file, by default `contract.yaml` beside the source; undefined where there is none. */
export async function contractFor(source: ModuleSource, given: string | undefined): Promise<ContractFile | undefined> {
  const beside = join(dirname(source.input), CONTRACT)
  const file = given ?? (existsSync(beside) ? beside : undefined)
  if (file === undefined) return undefined
  const contract = { ...(await readServiceContract(file)), file }
  const named = contract.value.wasm_module
  if (named !== undefined && source.code.kind === 'wasm' && resolve(dirname(file), named) !== resolve(source.input)) {
    const problem = `names ${named}, but the module is built from ${basename(source.input)}`
    throw invalidFile(file, contract.lineOf(['wasm_module']), 'wasm_module', problem)
  }
  return contract
}

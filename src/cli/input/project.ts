// The project of the folder that a command was typed in, as far as the command itself needs it: rows for `provider add`, and
// a word where the fabric in use was opened without it.
import type { Fabric } from '../../fabric/index.ts'
import { findProject, type ProjectInstance, readProject } from '../../foundation/index.ts'
import type { Io } from '../io.ts'

/** The project's row for an instance of this name, whichever way the fabric was opened. */
export async function projectRow({ env }: Io, name: string): Promise<ProjectInstance | undefined> {
  const file = await findProject({ env })
  if (file === undefined) return undefined
  const { instances } = await readProject(file)
  return Object.hasOwn(instances, name) ? instances[name] : undefined
}

/** What to say where a project lies here and the daemon that was reached was opened without it; undefined where all is well. */
export async function projectNote(fabric: Fabric, { env }: Io): Promise<string | undefined> {
  if (fabric.way.kind !== 'daemon') return undefined
  const file = await findProject({ env }).catch(() => undefined) // one that was misnamed concerns only who opens it
  if (file === undefined || file === fabric.project?.file) return undefined
  return `! ${file} has no effect here: the daemon ${fabric.way.address} was not started in it`
}

// The YAML form of a manifest: stable, so that the same manifest is the same file.
import { stringify } from 'yaml'
import type { Manifest } from './manifest.ts'

/** YAML text of a manifest, with a line that says what it is. */
export function formatManifest(manifest: Manifest): string {
  const { id, version, entrypoint, requires_secrets, scopes, hosts, grants, hooks, operations, limits, signature } =
    manifest
  const ordered = {
    id,
    version,
    entrypoint,
    requires_secrets,
    scopes,
    hosts,
    ...(grants ? { grants } : {}),
    ...(hooks ? { hooks } : {}),
    operations,
    limits,
    ...(signature ? { signature } : {}),
  }
  return `# Generated from the provider's definition and signed; edit the definition instead.\n${stringify(ordered, { lineWidth: 0 })}`
}

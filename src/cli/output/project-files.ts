// The files of a new project, as text: what `ifab init` writes.
import { stringify } from 'yaml'
import { type JsonObject, PROJECT_FILE, type ProjectInstance } from '../../foundation/index.ts'
import { escapeReferences } from '../../runs/index.ts'

export const EXAMPLE_POLICY = `// Rules of this project, in Cedar: docs.cedarpolicy.com. They hold beside those of the home, and may only forbid and ask:
// a permit is refused here, as who clones a project has not yet decided to trust it. This one asks for an approval:
//
// @id("refund-cap")
// @ask("approvers")
// @text("refunds above 50.00 need a second pair of eyes")
// forbid (principal, action == Action::"refund.create", resource)
// when { context has amount && context.amount > 5000 };
`

export const GITIGNORE = `# Secrets and state live in the home (~/.ifab), never here.
.env
.env.*
*.token
*.plan.json
node_modules/
`

/** `ifab.yaml` with these instances, or with one in comments where there is none. */
export function projectText(name: string, instances: Readonly<Record<string, ProjectInstance>>): string {
  const isEmpty = Object.keys(instances).length === 0
  return `# yaml-language-server: $schema=./node_modules/infrafabric/schemas/project.schema.json
# Instances without their secrets, and budgets; policies/ and playbooks/ belong to it. Keep all of it in git. It takes
# effect where a home is opened in this folder or below it, and there only adds and tightens.
${stringify({ version: 1, name })}${isEmpty ? EXAMPLE_INSTANCES : stringify({ instances }, { lineWidth: 0 })}
# Limits that hold beside those of the home:
# budgets:
#   - { name: ${name}-day, limit: 5 USD, per: day }
#   - { name: ${name}-refunds, kind: outflow, limit: 200 GBP, per: day, of: { operation: refund.create } }
`
}

const EXAMPLE_INSTANCES = `# Instances by name; env: sandbox and env: production pick address and keys:
# instances:
#   stripe:
#     provider: stripe
#     tags: { env: sandbox }
`

export interface ExampleStep {
  instance: string
  operation: string
  input: JsonObject
}

/** A playbook of one step; its input is the operation's example. */
export function playbookText({ instance, operation, input }: ExampleStep): string {
  const playbook = {
    version: 1,
    name: 'example',
    description: 'One step to begin with',
    steps: { first: { use: `${instance} ${operation}`, with: escapeReferences(input) } },
  }
  return `# yaml-language-server: $schema=../node_modules/infrafabric/schemas/playbook.schema.json
# Shows what would happen and sends nothing: ifab plan -f playbooks/example.yaml --check
${stringify(playbook, { lineWidth: 0 })}`
}

/** What a project is made of, by path. */
export const projectFiles = (texts: { project: string; lock: string; playbook: string; lockFile: string }) => ({
  [PROJECT_FILE]: texts.project,
  [texts.lockFile]: texts.lock,
  'policies/example.cedar': EXAMPLE_POLICY,
  'playbooks/example.yaml': texts.playbook,
})

// The playbook of the crash tests: nine effectful steps on three providers, in parallel and in sequence. Every effect
// carries the name of its show and step, so that it is found again at the twins.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export const STRIPE_STEPS = ['customer', 'deposit', 'seat', 'hold', 'capture', 'refund'] as const
export const SLACK_STEPS = ['announce', 'tell'] as const
export const STEPS = [...STRIPE_STEPS, ...SLACK_STEPS, 'light'] as const

/** Writes the playbook into a folder; takes the inputs `show` and `light`. */
export async function writeShowPlaybook(folder: string, options: { budget?: string } = {}): Promise<string> {
  const file = join(folder, options.budget === undefined ? 'show.yaml' : 'show-with-budget.yaml')
  await writeFile(
    file,
    `version: 1
name: show
${options.budget === undefined ? '' : `budget: ${options.budget}\n`}onFailure: stop
inputs:
  show: { type: string }
  light: { type: string, enum: ["on", "off"] }
steps:
  customer: { use: stripe customer.create, with: { email: a@example.com, reference: "\${inputs.show}/customer" } }
  deposit:
    use: stripe payment.create
    with: { amount: 2500, currency: GBP, source: pm_card_visa, customer: "\${steps.customer.result.id}", reference: "\${inputs.show}/deposit" }
  seat:
    use: stripe payment.create
    with: { amount: 1200, currency: EUR, source: pm_card_visa, reference: "\${inputs.show}/seat" }
  hold:
    use: stripe payment.create
    with: { amount: 900, currency: USD, source: pm_card_visa, capture: false, reference: "\${inputs.show}/hold" }
  capture: { use: stripe payment.capture, with: { id: "\${steps.hold.result.id}" } }
  refund: { use: stripe refund.create, with: { payment: "\${steps.deposit.result.id}" } }
  announce: { use: slack message.send, with: { to: "#studio", text: "\${inputs.show}/announce" } }
  tell: { use: slack message.send, with: { to: "#studio", text: "\${inputs.show}/tell" }, after: deposit }
  light: { use: home-assistant device.set, with: { id: light.studio, state: "\${inputs.light}" } }
`,
  )
  return file
}

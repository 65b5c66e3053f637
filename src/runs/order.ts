// The order of steps: unique names, references to steps that exist, no circles.
import { checkName, FabricError } from '../foundation/index.ts'
import type { StepDraft } from './draft.ts'
import { findReferences } from './references.ts'

/** The drafts with every dependency in `after`, each behind those it waits for; otherwise as they came. */
export function orderSteps(drafts: StepDraft[]): StepDraft[] {
  const byId = new Map<string, StepDraft>()
  for (const draft of drafts) {
    checkName('step', draft.id)
    if (byId.has(draft.id)) throw new FabricError('IF_ERR_INVALID_INPUT', `two steps are called ${draft.id}`)
    byId.set(draft.id, { ...draft, after: [...new Set([...draft.after, ...referenced(draft)])] })
  }
  const ordered: StepDraft[] = []
  const state = new Map<string, 'open' | 'done'>()
  for (const draft of byId.values()) place(draft, [])
  return ordered

  function place(draft: StepDraft, way: string[]): void {
    if (state.get(draft.id) === 'done') return
    if (state.get(draft.id) === 'open') {
      const circle = [...way.slice(way.indexOf(draft.id)), draft.id].join(' → ')
      throw new FabricError(
        'IF_ERR_REFERENCE',
        `${draft.where ?? draft.id}: steps wait for each other in a circle: ${circle}`,
      )
    }
    state.set(draft.id, 'open')
    for (const name of draft.after) {
      const before = byId.get(name)
      if (!before) {
        throw new FabricError(
          'IF_ERR_REFERENCE',
          `${draft.where ?? draft.id}: there is no step ${JSON.stringify(name)}`,
          {
            hint: `Steps are: ${[...byId.keys()].slice(0, 20).join(', ')}.`,
          },
        )
      }
      place(before, [...way, draft.id])
    }
    state.set(draft.id, 'done')
    ordered.push(draft)
  }
}

/** `steps.find`, and `steps["show-1.0"]` for names that CEL would take for an expression. */
const IN_WHEN = /\bsteps(?:\.([A-Za-z_]\w*)|\[["']([^"']+)["']\])/g

const referenced = (draft: StepDraft): string[] => {
  const inWhen = [...(draft.when ?? '').matchAll(IN_WHEN)].map((match) => match[1] ?? match[2] ?? '')
  return [
    ...findReferences(draft.input, draft.where ?? draft.id).flatMap((reference) => reference.step ?? []),
    ...inWhen,
  ]
}

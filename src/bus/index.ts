// The bus room: playbooks (ordered intents with undo).
export { type ExpandedPlaybook, expandPlaybook, playbookSchema } from './playbook.ts'

// ifab completion: scripts that ask `ifab __complete` for candidates. The last word is handed over as it stands.
import { FabricError } from '../../foundation/index.ts'
import type { CommandHandler } from '../invocation.ts'

// bash splits words at = and :, so the words come from the line itself and what bash has already is cut off again.
const BASH = `_ifab() {
  local line="\${COMP_LINE:0:COMP_POINT}" words current prefix candidate
  read -ra words <<< "$line"
  [[ "$line" == *[[:space:]] ]] && words+=("")
  current="\${words[-1]}"
  prefix="\${current%"\${current##*[=:]}"}"
  COMPREPLY=()
  while IFS= read -r candidate; do
    [[ "$candidate" == "$current"* ]] && COMPREPLY+=("\${candidate#"$prefix"}")
  done < <(ifab __complete -- "\${words[@]:1}" 2>/dev/null)
  [[ "\${COMPREPLY[0]}" == *= && \${#COMPREPLY[@]} -eq 1 ]] && compopt -o nospace 2>/dev/null
}
complete -o default -F _ifab ifab`

const ZSH = `#compdef ifab
_ifab() {
  local -a candidates
  candidates=("\${(@f)$(ifab __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if (( \${#candidates} && \${#candidates[1]} )); then
    compadd -S '' -- \${(M)candidates:#*=}
    compadd -- \${candidates:#*=}
  else
    _files
  fi
}
compdef _ifab ifab`

const FISH = `function __ifab_complete
    set -l words (commandline -opc)[2..-1] (commandline -ct)
    ifab __complete -- $words 2>/dev/null
end
complete -c ifab -a '(__ifab_complete)'`

const SCRIPTS: Record<string, string> = { bash: BASH, zsh: ZSH, fish: FISH }

export const completionCommand: CommandHandler = async ({ args, console }) => {
  const [shell = ''] = args // required by the command tree
  const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined
  if (script === undefined) {
    throw new FabricError('IF_ERR_USAGE', `there is no completion for ${JSON.stringify(shell)}`, {
      hint: 'There is one for bash, zsh and fish.',
    })
  }
  console.result({ shell, script }, script)
}

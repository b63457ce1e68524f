#include "cli/complete/scripts.h"

namespace msctl::cli::complete {

// Bash parts words at '=' (COMP_WORDBREAKS), so that --output=json arrives as three: they are joined again,
// and of each candidate only what stands behind the last '=' is handed back.
std::string_view bash_script() {
  return R"bash(# Completion of msctl for bash. Use it now:      source <(msctl completion bash)
# or always:  msctl completion bash > ~/.local/share/bash-completion/completions/msctl

_msctl() {
  local i word words=() joining=
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ ($word == =* || $joining) && ${#words[@]} -gt 0 ]]; then
      words[${#words[@]}-1]+=$word
    else
      words+=("$word")
    fi
    [[ $word == = ]] && joining=1 || joining=
  done
  local current=${words[${#words[@]}-1]} before=
  [[ $current == *=* ]] && before=${current%=*}=

  local line directive=
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :*) directive=${line#:} ;;
      *) line=${line%%$'\t'*} && COMPREPLY+=("${line#"$before"}") ;;
    esac
  done < <("${COMP_WORDS[0]/#\~/$HOME}" __complete "${words[@]}" 2>/dev/null)

  case $directive in
    files) mapfile -t COMPREPLY < <(compgen -f -- "${current#"$before"}") ;;
    folders) mapfile -t COMPREPLY < <(compgen -d -- "${current#"$before"}") ;;
  esac
  case $directive in
    files | folders) compopt -o filenames 2>/dev/null ;;
    nospace) compopt -o nospace 2>/dev/null ;;
  esac
}

complete -F _msctl msctl
)bash";
}

std::string_view zsh_script() {
  return R"zsh(#compdef msctl
# Completion of msctl for zsh. Use it now:      source <(msctl completion zsh)
# or always:  msctl completion zsh > a folder of $fpath, as the file _msctl

_msctl() {
  local line word directive
  local -a lines candidates
  lines=("${(@f)$(${(Q)~words[1]} __complete "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  for line in $lines; do
    if [[ $line == :* ]]; then
      directive=${line#:}
      continue
    fi
    word=${${line%%$'\t'*}//:/\\:}
    if [[ $line == *$'\t'* ]]; then
      candidates+=("$word:${line#*$'\t'}")
    else
      candidates+=("$word")
    fi
  done
  case $directive in
    files) _files ;;
    folders) _files -/ ;;
    nospace) _describe -t values msctl candidates -S '' ;;
    *) _describe -t values msctl candidates ;;
  esac
}

if [[ $funcstack[1] == _msctl ]]; then
  _msctl "$@"
else
  compdef _msctl msctl
fi
)zsh";
}

}  // namespace msctl::cli::complete

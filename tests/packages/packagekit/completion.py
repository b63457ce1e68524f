"""Completion as bash-completion brings it about: the script is found by the command's name, and asked for words."""

# Prints what `msctl che<Tab>` offers.
COMPLETES = r"""
set +eu
. /usr/share/bash-completion/bash_completion
loader=$(complete -p -D | sed -E 's/.*-F ([^ ]+).*/\1/')
"$loader" msctl
function=$(complete -p msctl | sed -E 's/.*-F ([^ ]+).*/\1/')
COMP_WORDS=(msctl che) COMP_CWORD=1 COMP_LINE='msctl che' COMP_POINT=9
"$function" msctl che msctl
printf '%s\n' "${COMPREPLY[@]}"
"""

# The manual pages and the reference pages, from the descriptions of commands and codes.
build_preset dev msctl_man
build/dev/cli/man/msctl_man .

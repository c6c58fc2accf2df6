"""`python -m responder`: the same as the command `responder`."""

from responder.cli import main

main()

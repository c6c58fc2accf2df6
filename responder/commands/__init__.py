"""The rooms behind `responder.cli`: one module a group of commands.

Rules they keep
    * A command is thin: it reads its options, asks the network, shows the answer.
    * What is slow to import is imported inside the command that needs it.
    * Exit codes: 0 fine, 1 a check found faults, 2 wrong use, 3 not possible now, 4 locked.
"""

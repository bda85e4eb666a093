"""The `wcn` command: arguments, questions, exit codes, and what people read of the answers.

Belongs here: one module per group of commands, loaded when it is called. Does not belong here:
work: every command calls a function of another room.
"""

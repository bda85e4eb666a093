"""How well labels are resolved, and where the weights come from.

The one part of this room that may import `sources`: it reads the recorded gazetteers and code
lists. The matcher itself imports nothing of this package.

Belongs here: labelled cases, measuring, fitting, and the yardstick of another matcher. Does not
belong here: deciding labels.
"""

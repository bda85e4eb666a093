"""The base of every part of a declaration.

Belongs here: what holds of all of them. Does not belong here: words (`declarations`, `tables`,
`access`).
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A part of a declaration: never changed, and without unknown words.

    The text below a word is its description in the reference.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

"""The key that a service wants, by name: its value is in the environment and nowhere else.

Belongs here: where a key goes. Does not belong here: masking it (`core.secrets`), sending it.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from core.secrets import KEY_NAME, SECRET_NAME
from sources.frozen import Frozen


class Key(Frozen):
    """A secret that a service wants: out of the environment, into a header or the query."""

    env: Annotated[str, Field(pattern=f"^{KEY_NAME}$")]
    """The environment variable, `WCN_…_KEY`."""
    header: str | None = None
    """The header that carries it,"""
    query: str | None = None
    """or the word of the query; its value is masked in every log."""

    @model_validator(mode="after")
    def _one_place(self) -> Key:
        if (self.header is None) == (self.query is None):
            raise ValueError("a key goes into a `header` or into the `query`, not both")
        if self.query is not None and not SECRET_NAME.search(self.query):
            raise ValueError("the name of a `query` key must be one that is masked (…key, …token)")
        return self

"""What a secret looks like, and how it is kept out of texts that people read.

Belongs here: names that stand before secrets, masking. Does not belong here: where a secret is
kept: that is the environment, by the name that a declaration gives (`access.Key`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

SECRET_NAME = re.compile("key|token|secret|sig|password|subscription|auth|cookie", re.IGNORECASE)
_IN_URL = re.compile(
    rf"(//)[^/@\s]+(?=@)|([?&;][^=&;]*(?:{SECRET_NAME.pattern})[^=&;]*=)[^&#]*", re.IGNORECASE
)


@dataclass(frozen=True)
class Secret:
    """A key for one service: in a header, or in the query of the address."""

    value: str = field(repr=False)
    header: str | None = None
    query: str | None = None

    def headers(self) -> dict[str, str]:
        return {self.header: self.value} if self.header else {}

    def parameters(self) -> dict[str, str]:
        return {self.query: self.value} if self.query else {}


def masked(text: str, secret: Secret | None = None) -> str:
    """`text` without logins, values of query parameters with telling names, and the secret."""
    text = _IN_URL.sub(r"\1\2***", text)
    return text.replace(secret.value, "***") if secret else text

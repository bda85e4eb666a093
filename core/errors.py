"""Every way in which a source can disappoint, as one tree.

Belongs here: exception types and the form of their message. Does not belong here: handling.

    SourceError                     one source, one reason, one next step
    ├── DeclarationError            the YAML is wrong: a person mends it
    ├── FetchError
    │   ├── TransportError          no answer: DNS, connection, time-out
    │   ├── StatusError             an answer with the wrong status
    │   ├── KeyMissing              the service wants a key, and the environment has none
    │   └── ContentError            an answer, but not the data: HTML, cut off, empty, undecodable
    ├── LandingError
    │   └── ChecksumMismatch        the bytes are not the bytes that the index promised
    ├── FormatError                 the bytes cannot be read as the declared format
    │   └── SchemaDrift             readable, but other columns, codes or counts than declared
    └── Unavailable                 no way of this source yields acceptable content

    OutdatedDataHome                the data home was made by a version that this one cannot read
    ReleaseRefused                  a candidate may not be published (no single source is to blame)
"""

from __future__ import annotations

from core.secrets import masked


class SourceError(Exception):
    """What went wrong with one source.

    `expected` and `found` are short texts; `todo` says what a person does next. What a service
    says is quoted in them: secrets are masked here, once, for all who print or store an error.
    """

    def __init__(self, source_id: str, *, expected: str, found: str, todo: str) -> None:
        self.source_id = source_id
        self.expected, self.found, self.todo = masked(expected), masked(found), masked(todo)
        super().__init__(
            f"{source_id}: expected {self.expected}; found {self.found}. What to do: {self.todo}"
        )

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.source_id, self.expected, self.found, self.todo))


def _rebuild(
    kind: type[SourceError], source_id: str, expected: str, found: str, todo: str
) -> SourceError:
    return kind(source_id, expected=expected, found=found, todo=todo)


class DeclarationError(SourceError): ...


class FetchError(SourceError): ...


class TransportError(FetchError): ...


class StatusError(FetchError): ...


class KeyMissing(FetchError): ...


class ContentError(FetchError): ...


class LandingError(SourceError): ...


class ChecksumMismatch(LandingError): ...


class FormatError(SourceError): ...


class SchemaDrift(FormatError): ...


class Unavailable(SourceError): ...


class ReleaseRefused(Exception):
    """A candidate that may not become a release; the message says what, where and how to look."""


class OutdatedDataHome(Exception):
    """A data home of an earlier version; the message says what to do."""

"""Names in Chinese characters → Latin letters (Hanyu Pinyin, without tones).

Belongs here: reading characters aloud, by a library. Does not belong here: which place a name
means, nor which of several readings is a place's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice, product

import pyarrow as pa

_HAN = re.compile(r"[\u4e00-\u9fff]+")
_MOST_READINGS = 64


def romanised(texts: Iterable[str | None]) -> pa.Table:
    """Distinct texts that are wholly in Chinese characters, one row per reading.

    Columns: `written`, `syllables` (one per character), `is_usual` (as the words are mostly read;
    some characters have several readings, 长 is both chang and zhang).
    """
    rows = [
        {"written": text, "syllables": list(syllables), "is_usual": n == 0}
        for text in sorted({t for t in texts if t and _HAN.fullmatch(t)})
        for n, syllables in enumerate(_readings(text))
    ]
    columns = [
        ("written", pa.string()),
        ("syllables", pa.list_(pa.string())),
        ("is_usual", pa.bool_()),
    ]
    return pa.Table.from_pylist(rows, schema=pa.schema(columns))


def _readings(text: str) -> list[tuple[str, ...]]:
    # Here, for its tables take a quarter of a second, and most processes read nothing aloud.
    from pypinyin import Style, lazy_pinyin, pinyin

    usual = tuple(_plain(s) for s in lazy_pinyin(text))
    # Character by character: words have one reading in the library, which places do not follow.
    each = [
        sorted({_plain(s) for s in pinyin(c, style=Style.NORMAL, heteronym=True)[0]}) for c in text
    ]
    return list(dict.fromkeys([usual, *islice(product(*each), _MOST_READINGS)]))


def _plain(syllable: str) -> str:
    # Statistical offices write lü as lu.
    return syllable.replace("v", "u").replace("ü", "u")

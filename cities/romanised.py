"""Names in Chinese characters → Latin letters (Hanyu Pinyin, without tones).

Belongs here: reading characters aloud, by a library. Does not belong here: which place a name
means.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import pyarrow as pa
from pypinyin import lazy_pinyin

_HAN = re.compile(r"[\u4e00-\u9fff]+")


def romanised(texts: Iterable[str | None]) -> pa.Table:
    """Distinct texts that are wholly in Chinese characters: `written`, `syllables` (list)."""
    found = sorted({t for t in texts if t and _HAN.fullmatch(t)})
    # Statistical offices write lü as lu.
    return pa.table(
        {
            "written": pa.array(found, pa.string()),
            "syllables": pa.array(
                [[s.replace("v", "u") for s in lazy_pinyin(t)] for t in found],
                pa.list_(pa.string()),
            ),
        }
    )

"""Country texts in any form → ISO 3166-1 alpha-2.

Belongs here: codes (2, 3, numeric), names and the names that statistical offices use instead.
"""

from __future__ import annotations

import csv
import gettext
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pyarrow as pa
import pycountry

_LANGUAGES = ("de", "es", "fr", "it", "nl", "pl", "pt", "tr")
_OTHER_NAMES = Path(__file__).parent / "country_names.csv"


def country_codes(texts: Iterable[str | None]) -> pa.Table:
    """Distinct texts → `country` (as given), `country_iso2` (null where unknown)."""
    given = sorted({t for t in texts if t})
    return pa.table(
        {
            "country": pa.array(given, pa.string()),
            "country_iso2": pa.array([iso2(t) for t in given], pa.string()),
        }
    )


def iso2(text: str) -> str | None:
    """The alpha-2 code for one text; never a guess: only exact codes and known names count."""
    known = text.strip()
    if other := _other_names().get(known.casefold()):
        return other
    if foreign := _translated_names().get(known.casefold()):
        return foreign
    if known.isdigit():
        match = pycountry.countries.get(numeric=known.zfill(3))
    elif len(known) in (2, 3):
        match = pycountry.countries.get(**{f"alpha_{len(known)}": known.upper()})  # type: ignore[arg-type]
    else:
        match = next(
            (
                c
                for c in pycountry.countries
                if known.casefold()
                in {
                    getattr(c, name, "").casefold()
                    for name in ("name", "official_name", "common_name")
                }
            ),
            None,
        )
    return match.alpha_2 if match else None


def countries() -> pa.Table:
    """Every country: `country_iso2`, `iso3`, `name` (English, short). ISO 3166-1 and Kosovo."""
    known = [(c.alpha_2, c.alpha_3, getattr(c, "common_name", c.name)) for c in pycountry.countries]
    known.append(("XK", "XKX", "Kosovo"))
    names = ("country_iso2", "iso3", "name")
    return pa.table(dict(zip(names, map(list, zip(*known, strict=True)), strict=True)))


@cache
def _translated_names() -> dict[str, str]:
    """Names of countries in the languages that publishers write; none that means two countries."""
    found: dict[str, set[str]] = {}
    for language in _LANGUAGES:
        translation = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, [language])
        for country in pycountry.countries:
            name = translation.gettext(getattr(country, "common_name", country.name))
            found.setdefault(name.casefold(), set()).add(country.alpha_2)
    return {name: next(iter(codes)) for name, codes in found.items() if len(codes) == 1}


@cache
def _other_names() -> dict[str, str]:
    with _OTHER_NAMES.open(encoding="utf-8", newline="") as stream:
        return {row["name"].casefold(): row["country_iso2"] for row in csv.DictReader(stream)}

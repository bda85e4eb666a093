"""Country texts in any form → ISO 3166-1 alpha-2.

Belongs here: codes (2, 3, numeric), names, the names that statistical offices use instead, and the
countries that former states are now.
"""

from __future__ import annotations

import csv
import gettext
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pyarrow as pa
import pycountry
from babel.core import get_global

_LANGUAGES = ("de", "es", "fr", "it", "nl", "pl", "pt", "tr")
_OTHER_NAMES = Path(__file__).parent / "rules" / "country_names.csv"


def country_codes(texts: Iterable[str | None]) -> pa.Table:
    """Distinct texts → one row per country that a text means: `country`, `country_iso2`.

    A former state means every country that it is now; what is unknown has one row with null.
    """
    found = [(t, code) for t in sorted({t for t in texts if t}) for code in _codes(t) or (None,)]
    return pa.table(
        {
            "country": pa.array([t for t, _ in found], pa.string()),
            "country_iso2": pa.array([c for _, c in found], pa.string()),
        }
    )


def iso2(text: str) -> str | None:
    """The alpha-2 code for one text; never a guess: only exact codes and known names count.

    None for a former state that is several countries now.
    """
    codes = _codes(text)
    return codes[0] if len(codes) == 1 else None


@cache
def country_names() -> pa.Table:
    """Every known name of every country: `country_iso2`, `name`."""
    named = {(c, n) for n, c in _translated_names().items()}
    named |= {(codes[0], n) for n, codes in _other_names().items() if len(codes) == 1}
    for country in pycountry.countries:
        for kind in ("name", "official_name", "common_name"):
            if name := getattr(country, kind, None):
                named.add((country.alpha_2, name))
    rows = sorted(named)
    return pa.table({"country_iso2": [c for c, _ in rows], "name": [n for _, n in rows]})


@cache
def subdivisions() -> pa.Table:
    """ISO 3166-2: `country_iso2`, `subdivision` (the part after the hyphen), `kind`, `name`."""
    known = [
        (s.country_code, s.code.partition("-")[2], s.type, name)
        for s in pycountry.subdivisions
        # "Henan Sheng", "Amurskaya oblast'", "Batangas [Province]": the kind is left out.
        for name in {
            s.name,
            re.sub(r"\s*[\[(].*|\s+(Sheng|Shi|Zizhiqu|kray|oblast').*", "", s.name),
        }
    ]
    names = ("country_iso2", "subdivision", "kind", "name")
    return pa.table(dict(zip(names, map(list, zip(*sorted(known), strict=True)), strict=True)))


def _codes(text: str) -> tuple[str, ...]:
    return next((codes for form in _forms(text) if (codes := _codes_of(form))), ())


def _forms(text: str) -> list[str]:
    """A text, and the ways to write it that mean the same: "U.S.", "Congo (Dem. Rep.)"."""
    plain = re.sub(r"\s+", " ", text.replace("&", " and ").replace("’", "'")).strip()
    forms = [text.strip(), plain, re.sub(r"\b(\w)\.\s?", r"\1", plain)]
    forms += [re.sub(r"^St\.? ", "Saint ", plain)]
    if bracketed := re.fullmatch(r"([^()]+?)\s*\(([^()]+)\)", plain):
        name, rest = bracketed.groups()
        forms += [f"{name}, {rest}", f"{rest} {name}"]
    return forms


def _codes_of(text: str) -> tuple[str, ...]:
    known = text.strip()
    # "Prussia (now Germany)"
    if now := re.search(r"\(now ([^)]+)\)", known):
        return _codes(now[1])
    known = re.sub(r"^the ", "", known, flags=re.IGNORECASE)
    if other := _other_names().get(known.casefold()):
        return other
    if foreign := _translated_names().get(known.casefold()):
        return (foreign,)
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
    return (match.alpha_2,) if match else ()


def countries() -> pa.Table:
    """Every country: `country_iso2`, `iso3`, `name` (English, short), `script`.

    ISO 3166-1 and Kosovo; the script (ISO 15924) most is written in, from Unicode's CLDR.
    """
    named = [(c.alpha_2, c.alpha_3, getattr(c, "common_name", c.name)) for c in pycountry.countries]
    named.append(("XK", "XKX", "Kosovo"))
    likely = get_global("likely_subtags")
    # "und_JP": "ja_Jpan_JP". Where CLDR knows none, nobody lives.
    known = [(*c, likely.get(f"und_{c[0]}", "_Latn_").split("_")[1]) for c in named]
    names = ("country_iso2", "iso3", "name", "script")
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
def _other_names() -> dict[str, tuple[str, ...]]:
    with _OTHER_NAMES.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return {row["name"].casefold(): tuple(row["country_iso2"].split()) for row in rows}

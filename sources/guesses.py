"""What the columns of a sample are, as far as a program can see: numbers, years, places, codes.

Belongs here: guesses from names and texts of one table. Does not belong here: opening the file
(`sources.sample`), writing them down (`sources.skeleton`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import pyarrow as pa

from core.sql import identifier

_MEANINGS = (  # by the column's name, the first that matches
    # Not "Electricity from renewable sources", nor "Land area" below.
    (r".*(foot)?notes?|.*(comment|remark|quelle)s?|(data[ _-])?sources?", "note"),
    (r"lat(itude)?(_deg)?", "latitude"),
    (r"(lon|lng)(gitude)?(_deg)?", "longitude"),
    (r"(.*[ _-])?((country|nation|iso[ _-]?[23a]?|pays|país)([ _-].*)?|land)", "country"),
    (r"(time_?period|year|jahr|année|año|date|time|month)", "time_period"),
    (r".*(flag|obs_status).*", "obs_status"),
    (
        r"(.*[ _])?(city|town|municipality|metro|place|location|name|stadt|ville|ciudad)([ _].*)?",
        "ref_area",
    ),
    (r"(.*[ _])?(code|id|qid|fips|cbsa)([ _].*)?", "ref_area_code"),
    (r"(indic.*|measure|variable|series|merkmal)([ _](name|code))?", "indicator_code"),
    (r"(obs_?)?(value|wert|valeur|valor)", "value"),
)
_YEAR = re.compile(r"(?<!\d)(?:1[789]|20)\d\d(?!\d)")
_STATUSES = (  # beside a year in a header
    # A letter alone only in brackets: "Population F 2015" is of women.
    (r"\b(est|estimat\w*)\b|[(\[]e[)\]]", "E"),
    (r"\b(proj\w*|forecast\w*)\b|[(\[]f[)\]]", "F"),
    (r"\b(prov\w*|prel\w*|vorl\w*)\b|[(\[]p[)\]]", "P"),
)
_BETWEEN = r"[.\s\x{a0}\x{202f}%]"  # what a decimal comma leaves for thousands, and the sign
_COMMA = r"[-+]?(\d+|\d{1,3}([.\s\x{a0}\x{202f}]\d{3})+)(,\d+)?\s?%?"
_GROUPED = r"[-+]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?\s?%?"
# Texts that only one of the two can be; "1,234" and "1.234" are not among them.
_SURELY_COMMA = r".*(,\d{1,2}|,\d{4,}|\.\d{3}(,\d+|\.\d{3}.*))\s?%?"
_SURELY_GROUPED = r".*(,\d{3}(\.\d+|,\d{3}.*)|\.\d{1,2}|\.\d{4,})\s?%?"
_MOST_INDICATORS = 40
# Of GeoJSON
_PROPERTY = "properties."
_COORDINATES = "geometry.coordinates"


@dataclass(frozen=True)
class Seen:
    """One column: its texts that are not empty, counted, and how its numbers are written."""

    name: str
    meaning: str | None
    count: int
    different: int
    numbers: int
    low: float
    high: float
    example: str
    nothing: tuple[str, ...]
    """The few texts among numbers that stand for no value."""
    parse: str
    """As `Column.parse` has it."""
    is_sure: bool
    """Whether its numbers could be written in no other way."""
    counts_rows: bool

    @property
    def is_number(self) -> bool:
        """All of it, but for words that stand for nothing."""
        return bool(self.numbers) and self.numbers == self.count


def meaning_of(name: str) -> str | None:
    """What a column of this name means in most tables; of a nested field its own name counts."""
    folded = name.removeprefix(_PROPERTY).strip().casefold()
    return next((m for pattern, m in _MEANINGS if re.fullmatch(pattern, folded)), None)


def seen(table: pa.Table) -> list[Seen]:
    """Every column of it. A column that leaves open how its numbers are written is as the file."""
    with duckdb.connect() as connection:
        connection.register("sample", table)
        comma = any(_surely(connection, n, _COMMA, _SURELY_COMMA) for n in table.column_names)
        found = [_seen(connection, table, name, comma) for name in table.column_names]
    if _COORDINATES in table.column_names:
        # GeoJSON: what is not a property is of the geometry, not of the place.
        found = [c if c.name.startswith(_PROPERTY) else replace(c, meaning="note") for c in found]
    return found


def _surely(connection: Any, name: str, form: str, sure: str) -> bool:
    """Whether most of a column is numbers of this form, and some of them of no other."""
    text = f"trim({identifier(name)})"
    row = connection.execute(
        f"""select 2 * count(*) filter (regexp_full_match({text}, $1)) > count(*),
            bool_or(regexp_full_match({text}, $1) and regexp_full_match({text}, $2))
        from sample where {text} != ''""",
        [form, sure],
    ).fetchone()
    return bool(row[0] and row[1])


def _written(connection: Any, text: str, comma: bool) -> tuple[str, str, str]:
    """How the numbers of a column are written: `parse`, the number in SQL, what is surely so."""
    plain = f"try_cast({text} as double)"
    commas = f"replace(regexp_replace({text}, '{_BETWEEN}', '', 'g'), ',', '.')"
    groups = f"trim(replace({text}, ',', ''), ' %')"
    forms = {
        "number": (plain, ""),
        "grouped_number": (
            f"if(regexp_full_match({text}, '{_GROUPED}'), try_cast({groups} as double), null)",
            _SURELY_GROUPED,
        ),
        "comma_number": (
            f"if(regexp_full_match({text}, '{_COMMA}'), try_cast({commas} as double), null)",
            _SURELY_COMMA,
        ),
    }
    counted = {}
    for form, (number, _) in forms.items():
        (counted[form],) = connection.execute(f"select count({number}) from sample").fetchone()
    # Digits alone are written so everywhere. "1.500" is 1,500 where the file has decimal commas.
    (signs,) = connection.execute(
        f"select coalesce(bool_or(regexp_matches({text}, '[,. ]')), false) from sample"
        f" where {text} != ''"
    ).fetchone()
    if comma and signs:
        forms = {"comma_number": forms.pop("comma_number"), **forms}
    parse = max(forms, key=lambda form: counted[form])  # the first of the best
    return parse, *forms[parse]


def _seen(connection: Any, table: pa.Table, name: str, comma: bool) -> Seen:
    text = f"trim({identifier(name)})"
    parse, number, sure = _written(connection, text, comma)
    count, different, numbers, low, high, example, is_sure = connection.execute(
        f"""select count(*), count(distinct {text}), count({number}), coalesce(min({number}), 0),
            coalesce(max({number}), 0), coalesce(first({text}), ''),
            coalesce(bool_or(regexp_full_match({text}, $1)), false)
        from sample where {text} != ''""",
        [sure],
    ).fetchone()
    words = connection.execute(
        f"select {text}, count(*) from sample where {text} != '' and {number} is null"
        " group by all order by all desc limit 4"
    ).fetchall()
    # "n/a", "-", "..": two or three of them, fewer than there are numbers. "2A004" is a code.
    few = len(words) <= 3 and sum(n for _, n in words) < numbers
    few = few and all(len(word) <= 10 and not re.search(r"\d", word) for word, _ in words)
    return Seen(
        name,
        meaning_of(name),
        count - (sum(n for _, n in words) if few else 0),
        different,
        numbers,
        low,
        high,
        example[:40],
        tuple(word for word, _ in words) if few else (),
        parse,
        is_sure or parse == "number",
        table[name].to_pylist() == [str(n) for n in range(1, table.num_rows + 1)],
    )


def years(columns: list[Seen]) -> dict[str, list[Seen]]:
    """Columns of numbers with a year in their name, by the `/pattern/` that each of them fits."""
    found: dict[str, list[Seen]] = {}
    for column in columns:
        is_figures = not column.count or 2 * column.numbers > column.count
        if is_figures and len(_YEAR.findall(column.name)) == 1:
            before, after = (_escaped(part) for part in _YEAR.split(column.name))
            found.setdefault(rf"/{before}(\d{{4}}){after}/", []).append(column)
    return found


def year_in(name: str) -> str:
    """The year that stands in the name of a column."""
    return str(_YEAR.findall(name)[0])


def status_of(name: str) -> str | None:
    """The status of what stands under such a header: "2015 (est.)"."""
    rest = _YEAR.sub("", name).casefold()
    return next((status for pattern, status in _STATUSES if re.search(pattern, rest)), None)


def _escaped(text: str) -> str:
    return re.sub(r"([.^$*+?{}\[\]\\|()/])", r"\\\1", text)


def place(columns: list[Seen]) -> str | None:
    """The column that has the places, where no name says so: the first of many different texts."""
    if any(c.meaning in ("ref_area", "ref_area_code") for c in columns):
        return None
    texts = (c for c in columns if c.meaning is None and not c.numbers and c.count)
    return next((c.name for c in texts if c.different > 0.5 * c.count), None)


def indicator_names(columns: list[Seen], place_name: str | None) -> str | None:
    """Of a long table the column that says what its column of values is about.

    By its name; else of the columns of few texts, again and again, that which has most of them.
    """
    if not any(c.meaning == "value" and c.is_number for c in columns):
        return None
    texts = [c for c in columns if not c.numbers and c.different <= _MOST_INDICATORS]
    named = [c for c in texts if c.meaning == "indicator_code"]
    free = [c for c in texts if c.meaning is None and 1 < c.different < 0.5 * c.count]
    free = [c for c in free if c.name != place_name]
    found = named or sorted(free, key=lambda c: -c.different)
    return found[0].name if found else None


def repeated(table: pa.Table, keys: list[str]) -> str | None:
    """A value of the first of these columns that has several rows with the same in all of them."""
    names = ", ".join(map(identifier, keys))
    with duckdb.connect() as connection:
        connection.register("sample", table)
        row = connection.execute(
            f"select {identifier(keys[0])} from sample group by {names}"
            " having count(*) > 1 order by all limit 1"
        ).fetchone()
    return str(row[0]) if row else None


def point(table: pa.Table) -> Iterator[tuple[str, str]]:
    """Of GeoJSON: a computed column for each coordinate, with its expression."""
    kinds = set(table["geometry.type"].to_pylist()) if "geometry.type" in table.column_names else ()
    if kinds == {"Point"}:
        for index, name in enumerate(("longitude", "latitude")):
            yield name, f'"{_COORDINATES}"::json->>{index}'

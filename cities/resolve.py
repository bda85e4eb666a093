"""Labels → cities: exact codes, then normalised names where those are unambiguous.

A name must agree with the country, and with the admin unit and the coordinates where the source
gives them. Whatever then leaves two cities or none is not resolved: the reason and the candidates
are the answer. Nothing is guessed; population never decides between two cities of one name and
country. A source that names no countries may declare that it means cities of the world: then a name
means the city that is at least five times as large as every other of that name, else none.

Belongs here: the order of evidence. Does not belong here: what sources or facts are.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

from cities.countries import country_codes

_SQL = Path(__file__).parent / "sql"
_STEPS = ("names", "labels", "candidates", "decisions")
_ADMIN1 = Path(__file__).parent / "admin1.csv"


def resolve(labels: pa.Table, places: pa.Table, codes: pa.Table, rules: pa.Table) -> pa.Table:
    """Decide for every label.

    `labels`: label_id, source_id, code_scheme, ref_area_code, other_code_scheme, other_code,
        ref_area, country, admin1, latitude, longitude, spatial_unit (text); one row per distinct
        label of a source.
    `places`: city_id, name, ascii_name, alternate_names (JSON list), country_iso2, admin1,
        latitude, longitude, population; one row per city.
    `codes`: codelist (source id), code, label, country, admin1, latitude, longitude.
    `rules`: source_id, resolve_by, codelist, reach_km, near_km, without_country, countries.
    Returns one row per label: label_id, city_id, country_iso2, spatial_unit, method, probability,
        outcome (`resolved`, `city_unknown`, `city_ambiguous`, `country_unknown`,
        `no_city_within_reach`, `code_unknown`),
        candidates (JSON list of {city_id, name, admin1, km}).
    """
    with duckdb.connect() as connection:
        connection.register("label_in", labels)
        connection.register("place", places)
        connection.register("code", codes)
        connection.register("rule", rules)
        countries = [*labels["country"].to_pylist(), *_code_countries(codes)]
        connection.register("country_code", country_codes(countries))
        connection.execute(
            "create table admin_unit as select * from read_csv($file, all_varchar = true)",
            {"file": str(_ADMIN1)},
        )
        for step in _STEPS:
            connection.execute((_SQL / f"{step}.sql").read_text(encoding="utf-8"))
        return connection.execute("from decision order by label_id").to_arrow_table()


def _code_countries(codes: pa.Table) -> set[str | None]:
    # The codes of both code lists begin with the country: AT001C, ATVIE.
    return {c[:2] for c in codes["code"].to_pylist() if c} | set(codes["country"].to_pylist())

"""What a source column can say about its row: the words that stand after `as:`, with their texts.

Belongs here: the closed list of meanings. Does not belong here: columns (`tables`), obeying them
(`conform`).
"""

from __future__ import annotations

from typing import Literal, get_args

Meaning = Literal[
    "ref_area",
    "ref_area_code",
    "other_code",
    "country",
    "admin1",
    "latitude",
    "longitude",
    "spatial_unit",
    "time_period",
    "year",
    "quarter",
    "to_ref_area",
    "to_ref_area_code",
    "to_country",
    "to_admin1",
    "organisation",
    "indicator_code",
    "value",
    "obs_status",
    "conf_status",
    "edition",
    "note",
    "ignored",
    "city_id",
    "name",
    "ascii_name",
    "alternate_names",
    "feature_code",
    "population",
    "timezone",
    "code",
    "label",
]

MEANINGS: dict[Meaning, str] = {
    "ref_area": "the place by its name, as the publisher writes it",
    "ref_area_code": "the place by its code; the table's `code_scheme` says whose",
    "other_code": "a second code of the same place, of `other_code_scheme`",
    "country": "its country, as people write it: ISO codes, names in many languages, U.S., Korea;"
    " `cities/rules/country_names.csv` has what the library of ISO codes lacks",
    "admin1": "its state, province or region, by name or code",
    "latitude": "degrees north; with `longitude` it tells namesakes apart",
    "longitude": "degrees east",
    "spatial_unit": "what kind of area it is; the table's `spatial_units` translates",
    "time_period": "the period: 2019, 2019-03, 2019-Q1, a date",
    "year": "the year, where `quarter` is in a column of its own",
    "quarter": "the quarter of `year`: 1 to 4",
    "to_ref_area": "the far end of a link, by name",
    "to_ref_area_code": "the far end of a link, by code",
    "to_country": "the country of the far end",
    "to_admin1": "the state or region of the far end",
    "organisation": "of an affiliation: the firm or organisation",
    "indicator_code": "long tables: which indicator `value` is of; `indicators` translates",
    "value": "long tables: the figure",
    "obs_status": "the publisher's flag; `statuses` translates it into SDMX's",
    "conf_status": "whether the figure is confidential",
    "edition": "which edition of the figure the row has; the last counts",
    "note": "kept with the source cell, and nothing else",
    "ignored": "read and not kept",
    "city_id": "gazetteers: the id",
    "name": "gazetteers: the main name",
    "ascii_name": "gazetteers: the main name in plain letters",
    "alternate_names": "gazetteers: other names",
    "feature_code": "gazetteers: what kind of place it is",
    "population": "gazetteers: inhabitants; elsewhere, what the source says of the place to tell"
    " namesakes apart",
    "timezone": "gazetteers: the time zone",
    "code": "code lists: the code",
    "label": "code lists: what it stands for",
}

assert set(MEANINGS) == set(get_args(Meaning))

"""Sources that close a theme answer as public documents show them: the cells that come of it.

The way is that of `test_live_breadth.py`: declarations as they stand, hand-made answers, a local
server. What was read where is in `docs/reference/proof.csv`; no byte of these services was seen.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable

import pytest
from werkzeug import Request, Response

from tests.fixtures.declared import Answer, Cells, kept, reasons
from tests.fixtures.services import METRO_REGIONS, jsonstat

Told = list[tuple[str, str, str | None, int]]


def told(made: Cells) -> Told:
    return [(c["indicator"], c["ref_area_code"], c["value_text"], c["unit_mult"]) for c in made]


def test_employed_persons_are_thousands_of_metropolitan_regions_by_activity(
    cells: Callable[[str, Answer], Cells],
) -> None:
    dimensions = {
        "freq": {"A": "Annual"},
        "unit": {"THS": "Thousand persons", "THS_HW": "Hours worked"},
        "wstatus": {"EMP": "Employed persons"},
        "nace_r2": {"J": "Information and communication", "K": "Financial activities"},
        "metroreg": METRO_REGIONS,
        "time": {"2021": "2021"},
    }
    values = {"0": 97.68, "1": 149.36, "2": 1, "3": 80.65, "6": 12}
    asked: list[Request] = []

    def answer(request: Request) -> Response:
        asked.append(request)
        return Response(jsonstat(dimensions, values, status={"3": "p"}))

    made = cells("eurostat__met_employment", answer)
    assert asked[0].path.endswith("/statistics/1.0/data/met_10r_3emp")
    assert (asked[0].args["wstatus"], asked[0].args.getlist("nace_r2")) == ("EMP", ["J", "K"])
    assert told(kept(made)) == [
        ("employed_in_information_and_communication", "DE001MC", "97.68", 3),
        ("employed_in_finance_and_insurance", "DE001MC", "80.65", 3),
    ]
    assert [c["obs_status"] for c in kept(made)] == ["A", "P"]
    assert reasons(made) == {"country": 1, "not_a_metropolitan_region": 1, "other_unit": 1}


def test_recorded_crimes_are_numbers_of_metropolitan_regions_by_the_code_of_iccs(
    cells: Callable[[str, Answer], Cells],
) -> None:
    dimensions = {
        "freq": {"A": "Annual"},
        "unit": {"NR": "Number", "P_HTHAB": "Per hundred thousand inhabitants"},
        "iccs": {"ICCS0101": "Intentional homicide", "ICCS0401": "Robbery", "ICCS9": "Other"},
        "metroreg": METRO_REGIONS,
        "time": {"2022": "2022"},
    }
    values = {"0": 97, "1": 231, "3": 4100, "6": 5, "9": 2.6}
    made = cells("eurostat__met_crime", lambda _: Response(jsonstat(dimensions, values)))
    assert told(kept(made)) == [
        ("recorded_intentional_homicides", "DE001MC", "97", 0),
        ("recorded_robberies", "DE001MC", "4100", 0),
    ]
    assert reasons(made) == {"country": 1, "other_indicator": 1, "other_unit": 1}


@pytest.mark.parametrize(
    ("table", "code", "indicator"),
    [
        ("urb_clivcon", "SA3005V", "murders_and_violent_deaths"),
        ("urb_cecfi", "EC2021V", "companies"),
        ("urb_clma", "EC2033V", "jobs_in_information_and_communication"),
        ("urb_clma", "EC2034V", "jobs_in_finance_and_insurance"),
    ],
)
def test_further_variables_of_the_city_statistics(
    cells: Callable[[str, Answer], Cells], table: str, code: str, indicator: str
) -> None:
    body = (
        "DATAFLOW,LAST UPDATE,freq,indic_ur,cities,TIME_PERIOD,OBS_VALUE,OBS_FLAG,CONF_STATUS\n"
        f"ESTAT:X(1.0),21/07/26 11:00:00,A,{code},FI001C,2020,14,,\n"
        f"ESTAT:X(1.0),21/07/26 11:00:00,A,{code},FI,2020,75,,\n"
    )
    made = cells(f"eurostat__{table}", lambda _: Response(body))
    assert told(kept(made)) == [(indicator, "FI001C", "14", 0)]
    assert reasons(made) == {"not_a_city": 1}


def ror_zip(text: str) -> bytes:
    """A release of the registry, as it is packed: JSON beside CSV."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("v2.7-2026-05-12-ror-data.json", "[]")
        archive.writestr("v2.7-2026-05-12-ror-data.csv", text)
    return packed.getvalue()


def test_organisations_of_research_are_counted_by_what_they_are(
    cells: Callable[[str, Answer], Cells],
) -> None:
    place = "locations.geonames_details"
    names = (
        f"id,established,domains,external_ids.type.grid.all,links.type.website,"
        f"locations.geonames_id,{place}.continent_code,{place}.country_code,{place}.lat,"
        f"{place}.lng,{place}.name,names.types.label,names.types.ror_display,ror_display_lang,"
        "relationships,status,types\n"
    )
    text = names + "".join(
        f"https://ror.org/0{n},1900,,,,745044,AS,TR,41.01,28.95,Istanbul,,Name,en,,{status},{types}\n"
        for n, (status, types) in enumerate(
            [
                ("active", "education"),
                ("active", "education; funder"),
                ("active", "funder; facility"),
                ("active", "company"),
                ("withdrawn", "education"),
            ]
        )
    )
    asked: list[str] = []

    def answer(request: Request) -> Response:
        asked.append(request.path)
        return Response(ror_zip(text))

    made = cells("ror__organisations", answer)
    assert asked == ["/records/20140273/files/v2.7-2026-05-12-ror-data.zip"]
    counted = [c["indicator"] for c in kept(made) if not c["is_missing"]]
    assert counted == ["research_universities", "research_universities", "research_facilities"]
    assert {(c["ref_area"], c["code_scheme"], c["ref_area_code"]) for c in kept(made)} == {
        ("Istanbul", "geonames", "745044")
    }
    assert reasons(made) == {"not_active": 2, "other_kind_of_organisation": 2}


def test_museums_are_counted_in_the_city_and_its_divisions(
    cells: Callable[[str, Answer], Cells],
) -> None:
    queries: list[str] = []

    def answer(request: Request) -> Response:
        queries.append(request.form["query"])
        bound = {
            "geonames": {"type": "literal", "value": "745044"},
            "museums": {"type": "literal", "value": "87"},
        }
        return Response(
            json.dumps({"head": {"vars": list(bound)}, "results": {"bindings": [bound]}})
        )

    (cell,) = cells("wikidata__city_museums", answer)
    assert told([cell]) == [("museums_of_wikidata", "745044", "87", 0)]
    assert '"745044" "2643743"' in queries[0]
    assert not any(word in queries[0] for word in ("SERVICE", "bd:", "hint:"))

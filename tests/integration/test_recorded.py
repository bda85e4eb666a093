"""The recorded breadth, published as `make recorded` does it, and asked what readers would ask."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pytest
import yaml
from scipy import sparse
from scipy.sparse import csgraph

from core.settings import ROOT

RECORDINGS = ROOT.parent / "shared" / "recordings"
WCN = Path(sys.executable).parent / "wcn"
# Each read in the publisher's file or table by a person, not by this code.
with (Path(__file__).parent / "known_values.csv").open(encoding="utf-8", newline="") as _lines:
    KNOWN = list(csv.DictReader(_lines))

_COOKBOOK = (ROOT / "docs" / "tutorials" / "cookbook.md").read_text(encoding="utf-8")
QUESTIONS = re.findall(r"^## (\d+)\. (.+?)\n.*?^```sql\n(.*?)^```$", _COOKBOOK, re.S | re.M)
READER_CASES: dict[str, str] = yaml.safe_load(
    (Path(__file__).parent / "reader_cases.yml").read_text(encoding="utf-8")
)
KNOWN_NAMES: dict[str, int] = yaml.safe_load(
    (Path(__file__).parent / "known_names.yml").read_text(encoding="utf-8")
)
ANSWERS = yaml.safe_load(
    (Path(__file__).parent / "cookbook_answers.yml").read_text(encoding="utf-8")
)

pytestmark = [
    pytest.mark.slow(reason="one whole build of all recordings", minutes=2),
    pytest.mark.skipif(
        not RECORDINGS.is_dir(), reason="no folder shared/recordings beside the repository"
    ),
]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    data = tmp_path_factory.mktemp("recorded")
    ran = subprocess.run(
        [WCN, "run", "--archive", "sources/recorded.csv", "--archive-root", RECORDINGS],
        cwd=ROOT, env={**os.environ, "WCN_DATA": str(data)}, capture_output=True, text=True,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout[-3000:]
    current = data / "releases" / "current" / "warehouse.duckdb"
    with duckdb.connect(str(current), read_only=True) as connection:
        yield connection


def one(warehouse: duckdb.DuckDBPyConnection, query: str) -> int:
    (row,) = warehouse.execute(query).fetchall()
    return int(row[0])


@pytest.mark.parametrize(
    "known", KNOWN, ids=[f"{k['source_id']}-{k['city']}-{k['indicator']}" for k in KNOWN]
)
def test_a_well_known_figure_is_what_its_publisher_says(
    warehouse: duckdb.DuckDBPyConnection, known: dict[str, str]
) -> None:
    found = warehouse.execute(
        """select obs_value from fct_observation where city_id = $city_id
            and source_id = $source_id and indicator = $indicator
            and spatial_unit = $spatial_unit and time_period = $time_period""",
        {k: known[k] for k in
         ("city_id", "source_id", "indicator", "spatial_unit", "time_period")},
    ).fetchall()  # fmt: skip
    assert found == [(pytest.approx(float(known["value"]), rel=1e-6),)], known["published_in"]


def test_a_name_leads_to_the_city_that_people_mean(warehouse: duckdb.DuckDBPyConnection) -> None:
    ask = "select city_id from find_city(?, null) where rank = 1"
    found = {name: warehouse.execute(ask, [name]).fetchone() for name in KNOWN_NAMES}
    assert {n: c and c[0] for n, c in found.items()} == KNOWN_NAMES


@pytest.mark.parametrize(
    ("number", "question", "query"), QUESTIONS, ids=[f"{n}-{q}" for n, q, _ in QUESTIONS]
)
def test_a_question_of_the_cookbook_is_answered(
    warehouse: duckdb.DuckDBPyConnection, number: str, question: str, query: str
) -> None:
    for condition in ANSWERS[int(number)]:
        (holds,) = warehouse.execute(
            f"with answer as ({query.rstrip().rstrip(';')}) select {condition} from answer"
        ).fetchone() or (None,)
        assert holds, f"{question} {condition}"


def test_the_cookbook_has_twenty_questions() -> None:
    assert [int(n) for n, _, _ in QUESTIONS] == sorted(ANSWERS) == list(range(1, 21))


@pytest.mark.parametrize("case", READER_CASES)
def test_a_reader_is_not_misled_again(warehouse: duckdb.DuckDBPyConnection, case: str) -> None:
    assert warehouse.execute(READER_CASES[case]).fetchall() == [(True,)], case


def test_a_preferred_series_does_not_hop(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Steps above 1.3 where the source changes: at most 20, each marked."""
    steps = """(select *, lag(source_id) over w as source_before, lag(obs_value) over w as before
        from fct_observation where is_preferred and year is not null
        window w as (partition by city_id, indicator, spatial_unit order by year))"""
    hops = f"""select count(*) from {steps}
        where source_before != source_id and before > 0 and obs_value > 0
            and greatest(obs_value / before, before / obs_value) > 1.3"""
    assert one(warehouse, hops) <= 20
    unmarked = f"select count(*) from {steps} where source_before != source_id"
    assert one(warehouse, f"{unmarked} and break_before is null") == 0
    # There is something to hop between, or the test would hold by itself.
    assert one(warehouse, f"select count(*) from {steps} where source_before != source_id") > 100
    unstated = "select count(*) from fct_observation where obs_status is null"
    assert one(warehouse, unstated) == 0
    for mart in ("mart_observation", "mart_latest"):
        assert one(warehouse, f"select count(*) from {mart} where obs_status = 'F'") == 0


def test_the_breadth_that_is_promised_is_there(warehouse: duckdb.DuckDBPyConnection) -> None:
    bearing = """select distinct source_id from fct_source_observation
        where disposition = 'published' and coalesce(indicator, network) is not null
            and source_id != 'un__wup_2018_largest'"""  # another edition of the same table
    assert one(warehouse, f"select count(*) from ({bearing})") >= 44
    publishers = f"select count(distinct publisher) from dim_source semi join ({bearing}) using"
    assert one(warehouse, f"{publishers} (source_id)") >= 30
    assert one(warehouse, "select count(distinct indicator) from fct_observation") >= 235
    yearly = "select count(distinct city_id) from fct_observation where year is not null"
    assert one(warehouse, yearly) >= 7_000
    assert one(warehouse, "select count(*) from fct_observation") >= 480_000
    ties = "(select count(*) from fct_city_link) + (select count(*) from fct_city_affiliation)"
    assert one(warehouse, f"select {ties}") >= 45_000


@pytest.mark.parametrize(
    ("source_id", "added", "revised", "withdrawn"),
    [
        # Of the revised, 21 are figures that only the later edition says to be projected.
        ("unsd__city_population", (9_500, 10_500), (90, 140), (100, 220)),
        ("fhfa__hpi_metro", (700, 900), (21_000, 22_000), (0, 0)),
        ("brookings__metro_monitor", (1_600, 1_800), (13_000, 13_500), (1_600, 1_800)),
        ("zillow__metro_rent", (450, 550), (2_500, 2_800), (0, 20)),
        ("unesco__world_heritage_syndication", (40, 60), (5, 15), (5, 15)),
    ],
)
def test_a_later_edition_is_in_the_history_as_what_it_added_revised_and_withdrew(
    warehouse: duckdb.DuckDBPyConnection,
    source_id: str,
    added: tuple[int, int],
    revised: tuple[int, int],
    withdrawn: tuple[int, int],
) -> None:
    history = "from fct_observation_history where source_id = ?"
    newest = "(select max(valid_from_release) from fct_observation_history)"
    for within, what in (
        (added, f"{history} and started_by = 'added' and valid_from_release = {newest}"),
        (revised, f"{history} and ended_by = 'revised'"),
        (withdrawn, f"{history} and ended_by = 'withdrawn'"),
    ):
        (counted,) = warehouse.execute(f"select count(*) {what}", [source_id]).fetchone() or (0,)
        assert within[0] <= counted <= within[1], what


def test_a_new_edition_takes_nothing_from_other_sources(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    """No link of theirs falls, and no figure goes."""
    editions = "select distinct source_id from fct_observation_history where ended_by = 'revised'"
    query = f"""select count(*) from fct_observation_history
        where ended_by = 'withdrawn' and source_id not in ({editions})"""
    assert one(warehouse, query) == 0
    fell = f"""select count(*) from dim_label
        where method like 'link_fell%' and source_id not in ({editions})"""
    assert one(warehouse, fell) == 0


def test_every_theme_has_two_sources(warehouse: duckdb.DuckDBPyConnection) -> None:
    themes = "environment economy population real_estate urban_space connectivity culture mobility"
    coverage = dict(warehouse.execute("select theme, sources from mart_theme_coverage").fetchall())
    assert {t: n for t in [*themes.split(), "diplomacy"] if (n := coverage.get(t, 0)) < 2} == {}


def test_every_ledger_balances(warehouse: duckdb.DuckDBPyConnection) -> None:
    unbalanced = """select count(*) from fct_row_ledger
        where cells_read != published + rejected + duplicate + filtered"""
    assert one(warehouse, unbalanced) == 0
    assert one(warehouse, "select count(distinct source_id) from fct_row_ledger") >= 40


def test_nearly_all_cells_that_speak_of_a_city_are_linked(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    short = warehouse.execute(
        "select source_id, why_not from mart_source_linkage where linked_share < 0.97"
    ).fetchall()
    # Two lists carry names alone; of air quality, some labels are parts of cities; many who report
    # to CDP are villages or districts; some prefectures of China have no city of their name.
    assert {source_id for source_id, _ in short} <= {
        "wikidata__sister_cities",
        "unesco__creative_cities",
        "who__air_quality_2022",
        "cdp__citywide_emissions",
        "ceads__china_cities",
    }
    assert all("country_unknown" not in why_not for _, why_not in short)


def test_a_place_that_people_added_carries_facts_and_no_id_of_geonames(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    added = "city_id > 9000000000"
    assert one(warehouse, f"select count(distinct city_id) from fct_observation where {added}") > 50
    query = f"select count(*) from dim_city_code where {added} and scheme = 'geonames'"
    assert one(warehouse, query) == 0


@pytest.mark.parametrize(
    ("source_id", "place", "indicator", "written"),
    [
        ("eurostat__urb_cenv", "Zagreb", "water_use", "76376.00"),  # thousands of m³
        ("eurostat__urb_ctour", "Lund", "museum_visitors", "3"),  # thousands of visits
        ("cdp__citywide_emissions", "Rotterdam", "population_reported", "638.466"),
        ("cdp__citywide_emissions", "Jakarta", "ghg_emissions_scope_1_reported", "19503.35"),
        ("cdp__citywide_emissions", "Rotterdam", "ghg_emissions_scope_1_reported", "34188.661"),
    ],
)
def test_a_slip_by_a_factor_of_a_thousand_does_not_reach_readers(
    warehouse: duckdb.DuckDBPyConnection, source_id: str, place: str, indicator: str, written: str
) -> None:
    found = warehouse.execute(
        """select distinct disposition, reason from fct_source_observation where source_id = ?
            and ref_area_label = ? and indicator = ? and value_text = ?""",
        [source_id, place, indicator, written],
    ).fetchall()
    # Of one city, of one of its years, or of all cities of its country.
    ((disposition, reason),) = found
    assert disposition == "rejected"
    assert reason in ("implausible_per_person", "implausible_step", "country_step")


@pytest.mark.parametrize(
    ("indicator", "value"),
    [
        ("plot_size_formal_before_1990", 1.0),
        ("population_with_drinking_water", 1.0),
        ("public_transport_monthly_ticket_eur", 0.0),
        ("arterial_distance_before_1990", 0.0),
    ],
)
def test_a_placeholder_does_not_reach_readers(
    warehouse: duckdb.DuckDBPyConnection, indicator: str, value: float
) -> None:
    said = warehouse.execute(
        """select disposition, list(distinct reason) from fct_source_observation
        where indicator = ? and obs_value = ? and city_id is not null group by 1""",
        [indicator, value],
    ).fetchall()
    assert [disposition for disposition, _ in said] == ["rejected"]
    assert "implausible_placeholder" in said[0][1]


@pytest.mark.parametrize(
    ("source_id", "indicator", "low", "high"),
    [
        ("eurostat__urb_ctran", "commuters_into_city", 1, 99),  # a share among counts
        ("eurostat__urb_ctour", "tourist_beds_per_1000", 5_001, 1e9),  # a count among ratios
        ("wikidata__city_area", "city_area", 0.0001, 1),  # İzmir on 0.9 km²
        ("wikidata__city_area", "city_area", 100_000, 1e9),  # Kardítsa on most of Greece
        ("cdp__citywide_emissions", "ghg_emissions_reported", 2e8, 1e12),  # 380 t a head
        ("eurostat__urb_cenv", "air_temperature_warmest_month_of_year", -50, 3),
        ("unsd__city_population", "population", 17_963_196, 17_963_196),  # Ciudad del Carmen
    ],
)
def test_what_no_city_can_have_does_not_reach_readers(
    warehouse: duckdb.DuckDBPyConnection, source_id: str, indicator: str, low: float, high: float
) -> None:
    counted = """select count(*) filter (where disposition = 'rejected'),
            count(*) filter (where disposition = 'published')
        from fct_source_observation left join dim_city using (city_id)
        where source_id = ? and indicator = ? and obs_value between ? and ?
            -- Rattenberg, of 400 people, does lie on 0.11 km².
            and coalesce(gazetteer_population, 1e9) > 10000"""
    found = warehouse.execute(counted, [source_id, indicator, low, high]).fetchone()
    assert found is not None
    assert found[0] > 0
    assert found[1] == 0


def test_networks_are_measured_over_all_their_nodes(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = warehouse.execute("from mart_network order by network, time_period").fetchall()
    names = [column[0] for column in warehouse.description or ()]
    found = {(row[0], row[1]): dict(zip(names, row, strict=True)) for row in rows}
    assert len({network for network, _ in found}) >= 5
    air, twins = found["air_routes", "2014"], found["twin_towns", "2016"]
    assert air["n_cities"] >= 2_000
    # KONECT counts 14,274 towns a year later, the most with 99 partners, and like with like.
    assert twins["n_nodes"] >= 10_000
    assert 90 <= twins["max_degree"] <= 105
    assert twins["assortativity"] == pytest.approx(0.36, abs=0.03)
    assert (twins["n_communities"], twins["community_stability"] < 0.7) == (None, True)
    between = """select city from mart_city_connectivity where network = 'air_routes'
        order by betweenness desc limit 3"""
    # Guimerà and others (2005): most connected is not most central.
    assert ("Anchorage",) in warehouse.execute(between).fetchall()
    sums = """select sum(gnc), sum(gnc_share) from mart_node_connectivity
        where network = 'producer_service_offices'"""
    squares = """select sum(total * total - squares) from (
        select sum(service_value) as total, sum(service_value * service_value) as squares
        from fct_city_affiliation where network = 'producer_service_offices'
        group by organisation)"""
    (gnc, share) = warehouse.execute(sums).fetchall()[0]
    assert (gnc, share) == (one(warehouse, squares), pytest.approx(1.0))


def test_the_backbone_of_firms_is_that_of_an_independent_implementation(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    """R approximates the tail: the exact one is within 0.03, and keeps the same ties."""
    reference = RECORDINGS.parent / "reference" / "backbone-aps-2015" / "sdsm_pupper.csv"
    if not reference.exists():
        pytest.skip("no folder shared/reference beside the repository")
    # Its rows and columns are the cities in the order of the file.
    theirs = np.genfromtxt(reference, delimiter=",", skip_header=1, missing_values="NA")[:, 1:]
    pairs = warehouse.execute("""
        with named as (
            select node, row_number() over (order by cell.row_number) - 1 as nth
            from mart_node_connectivity as node
            inner join (
                select ref_area_label as label, min(row_number) as row_number
                from fct_source_observation where network = 'producer_service_offices'
                group by all
            ) as cell using (label)
            where network = 'producer_service_offices'
        )
        select one.nth as one, other.nth as other, p_more, is_backbone, is_backbone_corrected
        from mart_city_interlock
        inner join named as one on one.node = origin
        inner join named as other on other.node = destination
        where network = 'producer_service_offices'""").fetchnumpy()
    same = theirs[pairs["one"], pairs["other"]]
    assert len(same) == (~np.isnan(theirs[np.triu_indices(len(theirs), 1)])).sum()
    assert np.abs(pairs["p_more"] - same).max() < 0.03
    assert (pairs["is_backbone"] == (same < 0.05)).all()
    assert pairs["is_backbone"].sum() == 19
    assert not pairs["is_backbone_corrected"].any()


def test_real_networks_are_measured_as_an_independent_computation_measures_them(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    """Distances by SciPy, clustering by matrices, interlocks by NumPy: to 1e-9."""
    pairs = warehouse.execute("""
        select distinct coalesce(o.city_id::varchar, o.node_id),
            coalesce(d.city_id::varchar, d.node_id)
        from fct_city_link as link
        inner join dim_network_node as o
            on o.network = link.network and o.node_id = link.origin_node
        inner join dim_network_node as d
            on d.network = link.network and d.node_id = link.destination_node
        where link.network = 'air_routes'""").fetchall()
    place = {node: n for n, node in enumerate(sorted({end for pair in pairs for end in pair}))}
    ends = np.array([(place[a], place[b]) for a, b in pairs if a != b]).T
    tied = sparse.csr_array((np.ones(ends.shape[1]), ends), shape=(len(place),) * 2)
    tied = ((tied + tied.T) > 0).astype(float)
    far = csgraph.shortest_path(tied, unweighted=True)
    reach = np.isfinite(far).sum(axis=0) - 1
    closeness = reach / np.where(np.isfinite(far), far, 0).sum(axis=0) * reach / (len(place) - 1)
    degree = np.asarray(tied.sum(axis=0)).ravel()
    triangles = np.asarray((tied @ tied).multiply(tied).sum(axis=0)).ravel()
    clustering = triangles / np.maximum(degree * (degree - 1), 1)
    rows = warehouse.execute("""select city_id::varchar, degree, closeness, clustering
        from mart_city_connectivity where network = 'air_routes'""").fetchall()
    assert len(rows) >= 2_000
    at = [place[city] for city, *_ in rows]
    found = np.array([row[1:] for row in rows], dtype=float)
    np.testing.assert_allclose(found[:, 0], degree[at])
    np.testing.assert_allclose(found[:, 1], closeness[at], atol=1e-9)
    np.testing.assert_allclose(found[:, 2], clustering[at], atol=1e-9)

    offices = warehouse.execute("""select coalesce(node.city_id::varchar, node.node_id) as node,
            organisation, max(service_value)
        from fct_city_affiliation as office
        inner join dim_network_node as node using (network, node_id)
        where network = 'producer_service_offices' group by all""").fetchall()
    cities = {node: n for n, node in enumerate(sorted({row[0] for row in offices}))}
    firms = {firm: n for n, firm in enumerate(sorted({row[1] for row in offices}))}
    values = np.zeros((len(cities), len(firms)))
    for node, firm, value in offices:
        values[cities[node], firms[firm]] = value
    interlocks = values @ values.T
    gnc = interlocks.sum(axis=1) - interlocks.diagonal()
    known = dict(
        warehouse.execute("""select city_id::varchar, gnc from mart_city_connectivity
        where network = 'producer_service_offices'""").fetchall()
    )
    assert known == pytest.approx({city: gnc[cities[city]] for city in known}, abs=1e-9)


def test_an_airport_outside_its_city_is_the_citys(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Narita and Haneda are Tokyo; Skavsta, 90 km away, is Stockholm's."""
    of = """select count(*) from dim_label where source_id = 'openflights__airports'
        and ref_area_code in ('2279', '2359') and city_id = 1850147"""
    assert one(warehouse, of) == 2
    named = """select count(*) from dim_label where source_id = 'openflights__airports'
        and ref_area = 'Stockholm' and city_id != 2673730"""
    assert one(warehouse, named) == 0
    places = """select n_places from mart_city_connectivity
        where network = 'air_routes' and city_id = 1850147"""
    assert one(warehouse, places) >= 2


def test_indices_have_ranks_with_intervals_and_none_below_their_coverage(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    per_index = """select index, year, count(rank), min(rank), count(rank_p05), count(rank_p95),
            count(rank_group), count(*) filter (where rank_p05 > rank_p95),
            count(*) filter (where (rank is null) != (reason is not null))
        from mart_index_rank group by all"""
    found = warehouse.execute(per_index).fetchall()
    assert len({index for index, *_ in found}) >= 4
    for index, year, ranked, first, *intervals, upside_down, unsaid in found:
        assert ranked >= 30, (index, year)
        assert (first, upside_down, unsaid) == (1, 0, 0), (index, year)
        assert intervals == [ranked] * 3, (index, year)
    short = """select count(*) from mart_index_rank inner join dim_index using (index)
        where rank is not null and coverage < coverage_index - 1e-9"""
    assert one(warehouse, short) == 0
    without = "select count(*) from mart_index_rank where rank is null and score is not null"
    assert one(warehouse, without) == 0


def test_a_score_is_the_sum_of_what_its_figures_add_and_each_figure_is_a_published_one(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    apart = """select max(abs(whole - parts)) from (
        select sum(score) filter (kind = 'index') as whole,
            sum(contribution) filter (kind = 'indicator') as parts
        from fct_index_score group by index, year, city_id)"""
    assert warehouse.execute(apart).fetchall()[0][0] < 1e-9
    not_published = """select count(*) from fct_index_score as score
        left join fct_observation as fact using (observation_key)
        where score.observation_key is not null and (
            fact.obs_value is distinct from score.value or fact.year != score.value_year
            or fact.obs_status = 'F' or not fact.is_preferred)"""
    assert one(warehouse, not_published) == 0
    causes = """select max(abs(change - own_value - others - revision - boundary - coverage)),
            max(abs(others)) from mart_index_change"""
    assert warehouse.execute(causes).fetchall()[0] == (
        pytest.approx(0, abs=1e-9), pytest.approx(0, abs=1e-9)
    )  # fmt: skip


def test_an_index_reckoned_in_another_way_is_the_same(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    """Real-estate pressure from the facts alone: the mean of two ways between goalposts."""
    reckoned = """
        with figure as (
            select year, city_id,
                max(obs_value) filter (indicator = 'home_value_usd')
                    / max(obs_value) filter (indicator = 'median_earnings_usd') as home,
                max(obs_value) filter (indicator = 'rent_observed_usd')
                    / max(obs_value) filter (indicator = 'median_earnings_usd') as rent
            from fct_observation where is_preferred and spatial_unit = 'metro'
            group by year, city_id
        )
        select count(*), max(abs(score - 50 * (
            least(greatest(ln(home / 2) / ln(10), 0), 1)
            + least(greatest((rent - 0.02) / 0.06, 0), 1))))
        from mart_index_rank inner join figure using (year, city_id)
        where index = 'real_estate_pressure' and rankable"""
    (cities, apart), *_ = warehouse.execute(reckoned).fetchall()
    assert cities > 150
    assert apart < 1e-9


def test_other_models_of_chance_find_more_and_say_how(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    """Fixed sums leave less room than sums on average."""
    rows = warehouse.execute("""
        select model, count(*) filter (where p_more < 0.05), min(p_more), count(*),
            any_value(draws), any_value(trades), any_value(seed)
        from mart_interlock_chance where network = 'producer_service_offices'
        group by model""").fetchall()
    found = {row[0]: row[1:] for row in rows}
    assert set(found) == {"sdsm", "fdsm", "fdsm_values"}
    assert {row[2] for row in found.values()} == {1_298}
    assert 19 == found["sdsm"][0] < 60 <= found["fdsm"][0] <= 80
    assert 100 <= found["fdsm_values"][0] <= 125
    assert found["fdsm"][3:] == (1_000, 20, 1)
    assert min(row[1] for row in found.values()) > 0


def test_networks_are_measured_within_parts_of_the_world_and_beside_each_other(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    first = """select city from mart_region_connectivity
        where network = 'air_routes' and scope = ? and rank = 1"""
    assert warehouse.execute(first, ["TR"]).fetchall() == [("Istanbul",)]
    assert warehouse.execute(first, ["Europe"]).fetchall() == [("London",)]
    more = """select count(*) from mart_region_connectivity as part
        inner join mart_city_connectivity as whole using (network, time_period, city_id)
        where part.degree > whole.degree or part.strength > whole.strength * (1 + 1e-9)"""
    assert one(warehouse, more) == 0
    both = """select n_both, expected_both, z from mart_network_pair
        where one = 'air_routes' and other = 'twin_towns'"""
    ((n_both, expected, z),) = warehouse.execute(both).fetchall()
    assert n_both > 2 * expected
    assert z > 10
    paired = """select count(*) from mart_city_multiplex
        where contains(networks, 'air_routes') and contains(networks, 'twin_towns')"""
    assert one(warehouse, paired) == n_both
    terms = dict(
        warehouse.execute("""select term, coefficient from mart_network_gravity
            where network = 'air_routes'""").fetchall()
    )
    assert terms["log_population_product"] > 0 > terms["log_distance_km"]
    # The lists of two years are of different associations.
    assert one(warehouse, "select count(*) from mart_network_change") == 0


def test_a_node_without_a_city_keeps_its_code(warehouse: duckdb.DuckDBPyConnection) -> None:
    lost = "select count(*) from dim_network_node where city_id is null and source_code is null"
    unresolved = "select count(*) from dim_network_node where city_id is null"
    assert one(warehouse, unresolved) > 0
    # What no code is known of keeps its name.
    assert one(warehouse, f"{lost} and label is null") == 0


def test_istanbul_of_2014_is_reached_through_its_old_airport(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    """OpenFlights gives the code IST to the airport of 2018; its ids tell them apart."""
    assert one(warehouse, "select count(*) from fct_city_link where origin_node = '1701'") > 100
    istanbul = "select city_id from dim_network_node where node_id = '1701'"
    assert one(warehouse, istanbul) == 745044


def test_a_code_share_is_no_flight_and_no_row_vanishes(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    ledger = dict(
        warehouse.execute(
            """select coalesce(reason, disposition), count(*) from fct_source_observation
            where source_id = 'openflights__routes' group by 1"""
        ).fetchall()
    )
    assert ledger["codeshare"] == 14_597
    assert sum(ledger.values()) == 67_663


def test_a_twinning_that_both_ends_state_is_one_link(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    weights = dict(
        warehouse.execute(
            "select weight, count(*) from fct_city_link where network = 'twin_towns' group by 1"
        ).fetchall()
    )
    assert set(weights) == {1.0, 2.0}
    assert weights[2.0] > 10 * weights[1.0]


def test_sources_that_disagree_are_shown_beside_each_other(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    conflicts = "select count(*) from fct_source_conflict where preferred_source_id = source_id"
    assert one(warehouse, conflicts) == 0
    assert one(warehouse, "select count(*) from fct_source_conflict") > 1_000


def test_names_of_persons_stay_out(warehouse: duckdb.DuckDBPyConnection) -> None:
    text = json.dumps(
        warehouse.execute(
            """select distinct value_text, ref_area_label, organisation
            from fct_source_observation
            where source_id in ('nobel__laureates', 'parliament_of_mayors__signatures')"""
        ).fetchall(),
        ensure_ascii=False,
    )
    assert "Röntgen" not in text
    assert "Femke" not in text


def test_sources_speak_of_cities_in_words_as_well(warehouse: duckdb.DuckDBPyConnection) -> None:
    counted = dict(
        warehouse.execute(
            """select statement, count(city_id) from dim_statement
            left join fct_city_statement using (statement) group by all"""
        ).fetchall()
    )
    assert min(counted.values()) > 50, counted
    known = """select value from fct_city_statement inner join dim_city using (city_id)
        where name = ? and dim_city.country_iso2 = ? and statement = ? order by 1"""

    def said(city: str, country: str, statement: str) -> list[str]:
        return [v for (v,) in warehouse.execute(known, [city, country, statement]).fetchall()]

    # Kraków joined for literature, in 2013; Potosí is number 420 of the list.
    assert said("Kraków", "PL", "creative_city") == ["Literature"]
    assert "420" in said("Potosí", "BO", "world_heritage_site")
    assert said("Paris", "FR", "capital") == ["FR"]
    assert "Eurocities" in said("Vienna", "AT", "city_network_member")
    # Whoever says it, one cell of the release says so.
    untraced = """from fct_city_statement as said
        anti join fct_source_cell as cell on cell.content_id = said.content_id
            and cell.row_number = said.row_number
            and (cell.column_name = said.column_name or said.column_name is null)"""
    assert one(warehouse, f"select count(*) {untraced}") == 0


def test_every_index_and_every_network_has_its_picture(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    ((database,),) = warehouse.execute(
        "select path from duckdb_databases() where not internal"
    ).fetchall()
    drawn = {p.name: p.stat().st_size for p in (Path(database).parent / "pictures").iterdir()}
    codes = warehouse.execute(
        """select distinct 'network_' || network || '.svg' from mart_network
        union select distinct 'index_' || index || '.svg' from mart_index_rank where rank > 0"""
    ).fetchall()
    assert set(drawn) == {name for (name,) in codes}
    # They stand in the event log of Dagster as well, in base 64.
    assert max(drawn.values()) * 4 / 3 < 150_000


def test_no_two_cities_share_a_code(warehouse: duckdb.DuckDBPyConnection) -> None:
    # An airport may serve two cities, and a name, short or long, is borne by many.
    shared = """select scheme, code from dim_city_code
        where scheme not in ('name', 'abbreviation', 'iata')
        group by all having count(distinct city_id) > 1"""
    assert warehouse.execute(shared).fetchall() == []


def test_little_waits_for_a_person_and_every_other_label_says_why(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    names = "select count(distinct ref_area_label) from dim_label"
    waiting = one(warehouse, names + " where outcome = 'in_review'")
    assert 0 < waiting <= 0.02 * one(warehouse, names)
    silent = "select count(*) from dim_label where city_id is null and outcome = 'resolved'"
    assert one(warehouse, silent + " and spatial_unit != 'country'") == 0

"""A file whose labels are all in the wrong place, where nothing of it was published before."""

from __future__ import annotations

from typing import Any

from tests.fixtures import models

CITIES = 30


def profile(shift: int) -> dict[str, Any]:
    """What gate 1 reads of a source whose every city has the figure of the one `shift` behind."""
    sizes = [100_000 * 1.2**i for i in range(CITIES)]

    def observed(source: str, values: list[float]) -> list[dict[str, Any]]:
        return [
            {
                "source_id": source,
                "indicator": "population",
                "spatial_unit": "city_proper",
                "time_period": "2015",
                "city_id": i,
                "obs_value": value,
            }
            for i, value in enumerate(values)
        ]

    # Not by order of size: neighbours in the file are none in size.
    moved = [sizes[(i + shift * 11) % CITIES] for i in range(CITIES)]
    (row,) = [
        r
        for r in models.run(
            "int_series__peer",
            {
                "int_observation": [*observed("good", sizes), *observed("new", moved)],
                "int_series__cell_count": [
                    {"source_id": s, "indicator": "population", "disposition": None}
                    for s in ("good", "new")
                ],
                "source": [
                    {"source_id": "good", "source_rank": 1},
                    {"source_id": "new", "source_rank": 2},
                ],
            },
        )
        if r["source_id"] == "new"
    ]
    return row


def test_figures_that_do_not_go_with_a_better_source_at_all_have_no_correlation() -> None:
    assert profile(0)["peer_correlation"] > 0.99
    assert profile(1)["peer_correlation"] < 0.3

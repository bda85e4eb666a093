"""One row per network × term: how far size and distance explain its ties, in its last period."""

from analysis.networks.gravity import gravity_all


def model(dbt, _session):
    dbt.config(materialized="table")
    cities = dbt.ref("int_network__city").to_arrow_table()
    return gravity_all(cities, dbt.ref("int_network__city_tie").to_arrow_table())

"""dbt runs in three selections, with cities/ and gate 1 between them."""

STAGE = (
    "resource_type:seed",
    "fqn:world_city_network.staging.*",
    "int_place",
    "int_city__successor",
)
OBSERVE = (
    "int_city",
    "int_cell__resolved",
    "int_cell__repeated",
    "int_cell__distinct",
    "int_cell__implausible",
    "int_tie__cell",
    "int_observation",
    "int_series__profile",
)
MODEL = (
    "int_observation__passed",
    "int_fact__cell",
    "int_cell__disposed",
    "fqn:world_city_network.marts.*",
    "fqn:world_city_network.generated.*",
)

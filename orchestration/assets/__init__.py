"""The asset graph, room by room: raw sources, the build, the dbt warehouse, the release."""

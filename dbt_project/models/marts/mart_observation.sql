-- One flat row per fact that is no forecast, with names, country, unit, source, licence and status:
-- what a BI tool wants first.
{{ config(materialized='view') }}
{{ flat_fact() }}
where fact.obs_status != 'F'

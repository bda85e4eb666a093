-- One flat row per forecast: the columns of mart_observation, which has none.
{{ config(materialized='view') }}
{{ flat_fact() }}
where fact.obs_status = 'F'

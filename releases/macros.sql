-- What readers saw at a moment (UTC): select * from observations_as_of(timestamp '2026-12-01').
create or replace macro observations_as_of(moment) as table
    select * exclude (started_by, ended_by)
    from fct_observation_history
    where valid_from <= moment::timestamp and (valid_to is null or valid_to > moment::timestamp);

-- From a figure to the cells, bytes and receipt it came from:
-- select * from trace(2950159, 'population', 2015).
create or replace macro trace(city, what, which_year) as table
    select
        fact.source_id,
        fact.spatial_unit,
        fact.time_period,
        fact.obs_value,
        fact.unit_measure,
        fact.obs_status,
        fact.is_preferred,
        cell.ref_area_label,
        cell.ref_area_code,
        cell.value_text,
        cell.time_period as cell_period,
        bridge.content_id,
        bridge.row_number,
        bridge.column_name,
        content.way,
        content.url,
        content.retrieved_at,
        content.sha256
    from fct_observation as fact
    inner join bridge_observation_cell as bridge using (observation_key)
    inner join fct_source_observation as cell using (content_id, row_number, column_name)
    inner join dim_content as content using (content_id)
    where
        fact.city_id = city and fact.indicator = what
        and (which_year is null or fact.year = which_year)
    order by fact.source_id, fact.spatial_unit, fact.time_period, bridge.row_number;

-- One row per content (the bytes of one resource), with the receipt of how they came.
select
    content_id,
    source_id,
    resource,
    sha256,
    size::bigint as size_bytes,
    access_method,
    url,
    (retrieved_at::timestamptz at time zone 'UTC') as retrieved_at,
    status::integer as http_status,
    etag,
    try_strptime(last_modified, '%a, %d %b %Y %H:%M:%S GMT') as last_modified,
    table_map,
    parse_version,
    rows_read::bigint as rows_read,
    cells_read::bigint as cells_read
from {{ source('raw', 'content') }}

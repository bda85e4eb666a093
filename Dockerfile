# Dagster's webserver and daemon (compose.yml). Written, but not built yet: see
# docs/how-to/operate.md.
FROM python:3.11-slim

RUN apt-get update \
    && apt-get install --no-install-recommends --yes make \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /app
COPY . .
RUN make .venv/.ready

ENV PATH="/app/.venv/bin:$PATH" \
    WCN_DATA=/data \
    DAGSTER_HOME=/data/dagster \
    DAGSTER_DISABLE_TELEMETRY=1
# dbt models are generated beside the others; decisions about labels are appended to their file.
RUN useradd --create-home wcn \
    && mkdir /data \
    && chown -R wcn /data /app/dbt_project /app/cities/curated
USER wcn
VOLUME /data
EXPOSE 3000
ENTRYPOINT ["./docker-entrypoint.sh"]
CMD ["python", "-m", "orchestration.webserver", "-h", "0.0.0.0", "-p", "3000", "-w", "workspace.yaml"]

# One image for every process of the system; the command says which. PostgreSQL and NATS run elsewhere, as
# docker-compose.yml has them.

FROM python:3.11-slim AS build
WORKDIR /app
RUN python -m venv .venv
ENV PATH=/app/.venv/bin:$PATH
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY src src
COPY projections projections
COPY workers workers
COPY api api
COPY clients clients
COPY migrations migrations
RUN pip install --no-cache-dir --no-deps --no-build-isolation --editable .

FROM python:3.11-slim
RUN useradd --uid 10001 --create-home commerce && install --directory --owner=commerce --mode=0700 /var/lib/commerce
COPY --from=build /app /app
WORKDIR /app
USER commerce
ENV PATH=/app/.venv/bin:$PATH COMMERCE_HOME=/var/lib/commerce COMMERCE_API_HOST=0.0.0.0 PYTHONUNBUFFERED=1
VOLUME /var/lib/commerce
EXPOSE 8000
CMD ["python", "-m", "api"]

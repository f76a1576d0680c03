"""Run by Alembic: the store hands over a connection that is in a transaction already."""

from alembic import context

from geo_service.store.schema import include_name
from geo_service.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_name=include_name,
    render_as_batch=True,
)
context.run_migrations()

"""Bring a database to the present: each lineage over its own owner's connection."""

import io
from collections.abc import Callable, Iterable
from pathlib import Path

from alembic import command
from alembic.config import Config

from .lineages import SCHEMAS, folders

_HERE = Path(__file__).parent


def configuration(
    schema: str, dsn: str | None = None, *, output: io.TextIOBase | None = None
) -> Config:
    """Return Alembic's configuration for one lineage; without a DSN it can only write SQL."""
    config = Config(output_buffer=output)  # pyright: ignore[reportArgumentType] - any text buffer will do
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(str(path) for path in folders()))
    config.set_main_option("file_template", "%%(year)d_%%(month).2d_%%(day).2d_%%(slug)s")
    config.attributes["schema"] = schema
    config.attributes["dsn"] = dsn
    return config


def upgrade(dsn_of: Callable[[str], str], schemas: Iterable[str] = SCHEMAS) -> None:
    """Run what each lineage lacks; `dsn_of` gives the owner's DSN for a schema."""
    begun = {folder.name for folder in folders()}
    for schema in schemas:
        if schema in begun:
            command.upgrade(configuration(schema, dsn_of(schema)), f"{schema}@head")


def as_sql(schema: str) -> str:
    """Return a lineage as the SQL it would run, for a reviewer and for the linter."""
    output = io.StringIO()
    command.upgrade(configuration(schema, output=output), f"{schema}@head", sql=True)
    return output.getvalue()

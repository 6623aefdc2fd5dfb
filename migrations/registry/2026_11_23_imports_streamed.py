"""A file arrives in parts, is judged as a whole, and can be taken up again.

The parts lie sealed until they are judged; what is wrong with a line is kept beside its number, not
with it. A municipality's own headings and codes are kept once, in revisions that never change.
"""

from alembic import op

from migrations.tenancy import tenantize

revision = "registry_imports_streamed"
down_revision = "registry_representation"
branch_labels = None
depends_on = None

_WIDENED = "-- squawk-ignore ban-drop-constraint\n"
_SMALL = "-- squawk-ignore require-concurrent-index-deletion\n"
_STATES = "'received', 'checked', 'confirming', 'confirmed', 'refused', 'discarded'"


def upgrade() -> None:
    _imports()
    _parts()
    _faults()
    _layouts()
    _events_of_life()


def _imports() -> None:
    for column in (
        "kind text NOT NULL DEFAULT 'delta'",
        "arrival jsonb NOT NULL DEFAULT '{}'",
        "decision jsonb NOT NULL DEFAULT '{}'",
        "parts integer NOT NULL DEFAULT 0",
    ):
        op.execute(f"ALTER TABLE registry.imports ADD COLUMN {column}")
    # NOT VALID spares a scan: what was allowed before is allowed still.
    op.execute(f"{_WIDENED}ALTER TABLE registry.imports DROP CONSTRAINT imports_state_check")
    op.execute(
        "ALTER TABLE registry.imports ADD CONSTRAINT imports_state_check"
        f" CHECK (state IN ({_STATES})) NOT VALID"
    )
    op.execute(
        "ALTER TABLE registry.imports ADD CONSTRAINT imports_kind_check"
        " CHECK (kind IN ('full', 'delta')) NOT VALID"
    )


def _parts() -> None:
    op.execute("""
        CREATE TABLE registry.import_parts (
          tenant_id integer NOT NULL,
          import_id uuid NOT NULL,
          part integer NOT NULL,
          first_line integer NOT NULL,
          lines integer NOT NULL,
          content_sealed bytea NOT NULL,
          is_checked boolean NOT NULL DEFAULT false,
          rows integer NOT NULL DEFAULT 0,
          staged integer NOT NULL DEFAULT 0,
          characters jsonb NOT NULL DEFAULT '{}',
          PRIMARY KEY (tenant_id, import_id, part),
          FOREIGN KEY (tenant_id, import_id) REFERENCES registry.imports (tenant_id, id)
        )
    """)
    # It is packed and sealed already: to compress it once more only costs time.
    op.execute("ALTER TABLE registry.import_parts ALTER COLUMN content_sealed SET STORAGE EXTERNAL")
    tenantize("registry.import_parts")


def _faults() -> None:
    op.execute("""
        CREATE TABLE registry.import_faults (
          tenant_id integer NOT NULL,
          import_id uuid NOT NULL,
          line integer NOT NULL,
          cause text NOT NULL,
          PRIMARY KEY (tenant_id, import_id, line, cause),
          FOREIGN KEY (tenant_id, import_id) REFERENCES registry.imports (tenant_id, id)
        )
    """)
    tenantize("registry.import_faults")


def _layouts() -> None:
    op.execute("""
        CREATE TABLE registry.import_layouts (
          tenant_id integer NOT NULL,
          id uuid NOT NULL DEFAULT uuidv7(),
          name text NOT NULL,
          revision integer NOT NULL CHECK (revision > 0),
          definition jsonb NOT NULL,
          created_by text NOT NULL,
          created_at timestamptz NOT NULL DEFAULT now(),
          PRIMARY KEY (tenant_id, id),
          UNIQUE (tenant_id, name, revision)
        )
    """)
    tenantize("registry.import_layouts", "SELECT, INSERT")


def _events_of_life() -> None:
    """Give every state of a resident the reason it came about, and on which days (異動事由)."""
    for table in ("residents", "resident_history", "staging_rows"):
        for column in (
            "change_reason text NOT NULL DEFAULT ''",
            "changed_on date",
            "notified_on date",
        ):
            op.execute(f"ALTER TABLE registry.{table} ADD COLUMN {column}")
    for column in ("history_number integer", "is_past boolean NOT NULL DEFAULT false"):
        op.execute(f"ALTER TABLE registry.staging_rows ADD COLUMN {column}")
    # The lines of a file are judged as whole sets, which no index of theirs makes any quicker.
    for column in ("resident_number", "household_number"):
        op.execute(f"{_SMALL}DROP INDEX registry.staging_rows_by_{column}")

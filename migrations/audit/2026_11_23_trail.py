"""The trail: who did what with whose data, written once, sealed, and changed by nobody."""

from alembic import op

revision = "audit_trail"
down_revision = None
branch_labels = ("audit",)
depends_on = None

POLICY = "tenant_id = platform.tenant()"
WRITTEN = (
    "tenant_id, id, at, service, actor_kind, actor, client_id, purpose, action, object, subjects,"
    " decision, request_id, detail, leaf"
)


def upgrade() -> None:
    _entries()
    _entry_subjects()
    _checkpoints()


def _entries() -> None:
    # `tx` orders the trail for sealing. Nobody is granted to write it, so nobody can date an
    # entry back behind a seal. `detail` is text, because its hash is over these very bytes.
    op.execute("""
        CREATE TABLE audit.entries (
          tenant_id integer NOT NULL,
          id uuid NOT NULL DEFAULT uuidv7(),
          tx bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
          at timestamptz NOT NULL,
          service text NOT NULL,
          actor_kind text NOT NULL CHECK (actor_kind IN ('resident', 'official', 'machine')),
          actor text NOT NULL,
          client_id text NOT NULL,
          purpose text,
          action text NOT NULL,
          object text,
          subjects uuid[] NOT NULL,
          decision text NOT NULL CHECK (decision IN ('allowed', 'denied')),
          request_id text NOT NULL,
          detail text NOT NULL CHECK (detail IS JSON OBJECT),
          leaf bytea NOT NULL CHECK (octet_length(leaf) = 32),
          PRIMARY KEY (tenant_id, id)
        )
    """)
    op.execute("CREATE INDEX entries_sealing ON audit.entries (tenant_id, tx, id)")
    _guard("entries")
    op.execute(f"GRANT INSERT ({WRITTEN}) ON audit.entries TO audit_writer")
    # Each service writes under its own name: one that was taken over cannot put its deeds, or
    # invented ones, to the account of another.
    op.execute("""
        CREATE POLICY own_name ON audit.entries AS RESTRICTIVE FOR INSERT TO audit_writer
        WITH CHECK (service || '_app' = current_user)
    """)


def _entry_subjects() -> None:
    # The resident's own index into the trail. It has no foreign key: each entry's leaf covers
    # its subjects, so a row too many or too few is found by the verifier all the same.
    op.execute("""
        CREATE TABLE audit.entry_subjects (
          tenant_id integer NOT NULL,
          subject_id uuid NOT NULL,
          at timestamptz NOT NULL,
          entry_id uuid NOT NULL,
          PRIMARY KEY (tenant_id, subject_id, at, entry_id)
        )
    """)
    _guard("entry_subjects")
    op.execute("GRANT INSERT ON audit.entry_subjects TO audit_writer")


def _checkpoints() -> None:
    op.execute("""
        CREATE TABLE audit.checkpoints (
          tenant_id integer NOT NULL,
          size bigint NOT NULL CHECK (size > 0),
          root bytea NOT NULL CHECK (octet_length(root) = 32),
          peaks bytea NOT NULL,
          last_tx bigint NOT NULL,
          last_id uuid NOT NULL,
          sealed_at timestamptz NOT NULL,
          note text NOT NULL,
          PRIMARY KEY (tenant_id, size)
        )
    """)
    _guard("checkpoints")
    op.execute(
        "CREATE POLICY sealing ON audit.checkpoints FOR INSERT TO audit_worker WITH CHECK (true)"
    )
    op.execute("GRANT INSERT ON audit.checkpoints TO audit_worker")


def _guard(table: str) -> None:
    op.execute(f"ALTER TABLE audit.{table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE audit.{table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON audit.{table} USING ({POLICY}) WITH CHECK ({POLICY})")
    op.execute(f"CREATE POLICY worker ON audit.{table} FOR SELECT TO audit_worker USING (true)")
    op.execute(f"GRANT SELECT ON audit.{table} TO audit_reader, audit_worker")

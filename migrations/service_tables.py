"""The tables every service has of its own: what it tells, what it still has to do, what it did.

`outbox`, `inbox` and `jobs` stay plain local tables also where the others are distributed: their
readers need row locks and transaction numbers, which hold on one node only.
"""

from alembic import op

POLICY = "tenant_id = platform.tenant()"


def create_outbox(schema: str) -> None:
    """Create the facts a service has announced, which it adds to and reads but never changes.

    `tx` is the writing transaction's number, as bigint because xid8 has no leakproof order; a
    reader that stays below the oldest open transaction loses no event.
    """
    op.execute(f"""
        CREATE TABLE {schema}.outbox (
          tenant_id integer NOT NULL,
          id uuid NOT NULL DEFAULT uuidv7(),
          tx bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
          type text NOT NULL,
          subject_id uuid NOT NULL,
          data jsonb NOT NULL,
          occurred_at timestamptz NOT NULL,
          PRIMARY KEY (tenant_id, id)
        )
    """)
    op.execute(f"CREATE INDEX outbox_feed ON {schema}.outbox (tenant_id, tx, id)")
    _guard(schema, "outbox", "SELECT, INSERT")


def create_inbox(schema: str) -> None:
    """Create the memory of which consumer has already acted on which event."""
    op.execute(f"""
        CREATE TABLE {schema}.inbox (
          tenant_id integer NOT NULL,
          consumer text NOT NULL,
          event_id uuid NOT NULL,
          received_at timestamptz NOT NULL,
          PRIMARY KEY (tenant_id, consumer, event_id)
        )
    """)
    _guard(schema, "inbox", "SELECT, INSERT")


def create_jobs(schema: str) -> None:
    """Create the work a service left for later; finished work leaves no row.

    The worker role finds due work of every tenant and sees of it only what finding needs. What
    is to be done, it may read only as the application role bound to that tenant.
    """
    op.execute(f"""
        CREATE TABLE {schema}.jobs (
          tenant_id integer NOT NULL,
          id uuid NOT NULL DEFAULT uuidv7(),
          municipality_code text NOT NULL,
          kind text NOT NULL,
          payload jsonb NOT NULL,
          attempts smallint NOT NULL DEFAULT 0,
          available_at timestamptz NOT NULL DEFAULT now(),
          created_at timestamptz NOT NULL DEFAULT now(),
          last_error text,
          dead_at timestamptz,
          PRIMARY KEY (tenant_id, id)
        )
    """)
    op.execute(f"""
        CREATE INDEX jobs_due ON {schema}.jobs (tenant_id, available_at, id) INCLUDE (kind)
        WHERE dead_at IS NULL
    """)
    op.execute(f"""
        CREATE INDEX jobs_dead ON {schema}.jobs (tenant_id, dead_at, id)
        WHERE dead_at IS NOT NULL
    """)
    _guard(schema, "jobs", "SELECT, INSERT, UPDATE, DELETE")
    op.execute(f"CREATE POLICY worker ON {schema}.jobs FOR SELECT TO {schema}_worker USING (true)")
    op.execute(f"""
        GRANT SELECT (tenant_id, id, municipality_code, kind, available_at, dead_at)
        ON {schema}.jobs TO {schema}_worker
    """)


def create_idempotency_keys(schema: str) -> None:
    """Create the memory of answers already given, so that a repeated request acts once."""
    op.execute(f"""
        CREATE TABLE {schema}.idempotency_keys (
          tenant_id integer NOT NULL,
          principal text NOT NULL,
          key text NOT NULL,
          fingerprint bytea NOT NULL,
          status smallint NOT NULL,
          response bytea NOT NULL,
          created_at timestamptz NOT NULL DEFAULT now(),
          expires_at timestamptz NOT NULL,
          PRIMARY KEY (tenant_id, principal, key)
        )
    """)
    op.execute(
        f"CREATE INDEX idempotency_keys_expiry ON {schema}.idempotency_keys (tenant_id, expires_at)"
    )
    _guard(schema, "idempotency_keys", "SELECT, INSERT, UPDATE, DELETE")


def _guard(schema: str, table: str, privileges: str) -> None:
    target = f"{schema}.{table}"
    op.execute(f"ALTER TABLE {target} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {target} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON {target} USING ({POLICY}) WITH CHECK ({POLICY})")
    op.execute(f"GRANT {privileges} ON {target} TO {schema}_app")

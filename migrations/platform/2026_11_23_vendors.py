"""Vendors: who builds on the house, and which keys and leave they hold."""

from alembic import op

from migrations.tenancy import tenantize

revision = "platform_vendors"
down_revision = "platform_representation"
branch_labels = None
depends_on = None

_WIDENED = "-- squawk-ignore ban-drop-constraint\n"
_ENVIRONMENTS = "environment IN ('sandbox', 'production')"


def upgrade() -> None:
    _places()
    _vendors()
    _clients()
    _grants()
    _requests()


def _places() -> None:
    # Which of the two worlds a place belongs to. It stands in a key, so that a grant can be held
    # to it: what was made to be tried out is refused by the database itself in a real town.
    op.execute(
        "ALTER TABLE platform.tenants ADD COLUMN environment text NOT NULL DEFAULT 'production'"
    )
    _check("tenants", "environment", _ENVIRONMENTS)
    op.execute(
        "CREATE UNIQUE INDEX tenants_environment ON platform.tenants (tenant_id, environment)"
    )


def _vendors() -> None:
    op.execute("""
        CREATE TABLE platform.vendors (
          id uuid PRIMARY KEY DEFAULT uuidv7(),
          organization_name text NOT NULL,
          contacts text[] NOT NULL,
          registered_at timestamptz NOT NULL DEFAULT now()
        )
    """)
    op.execute("GRANT SELECT, INSERT, UPDATE ON platform.vendors TO platform_app")
    # Of the token with which a vendor manages a registration (RFC 7592) only the hash is kept.
    op.execute("""
        CREATE TABLE platform.client_registrations (
          client_id text PRIMARY KEY REFERENCES platform.clients (client_id),
          vendor_id uuid NOT NULL REFERENCES platform.vendors (id),
          token_hash bytea NOT NULL,
          token_issued_at timestamptz NOT NULL,
          about jsonb NOT NULL,
          last_seen_at timestamptz NOT NULL,
          version integer NOT NULL DEFAULT 1
        )
    """)
    op.execute(
        "CREATE INDEX client_registrations_vendor ON platform.client_registrations (vendor_id)"
    )
    op.execute(
        "CREATE INDEX client_registrations_silence ON platform.client_registrations (last_seen_at)"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON platform.client_registrations TO platform_app")


def _clients() -> None:
    # A client that was deleted keeps its name for ever: nobody else may come back under it.
    op.execute(f"{_WIDENED}ALTER TABLE platform.clients DROP CONSTRAINT clients_status_check")
    _check("clients", "status", "status IN ('active', 'suspended', 'deleted')")
    _reference("clients", "owner", "(owner) REFERENCES platform.vendors (id)")
    op.execute(
        "CREATE UNIQUE INDEX clients_environment ON platform.clients (client_id, environment)"
    )
    op.execute("CREATE INDEX clients_owner ON platform.clients (owner)")
    op.execute("GRANT INSERT, UPDATE ON platform.clients TO platform_app")


def _grants() -> None:
    for column in (
        "environment text NOT NULL DEFAULT 'production'",
        "expires_at timestamptz",
        "granted_by text",
        "access_request_id uuid",
        "last_used_at timestamptz",
        "version integer NOT NULL DEFAULT 1",
    ):
        op.execute(f"ALTER TABLE platform.client_grants ADD COLUMN {column}")
    for kind, key in (("tenant", "tenant_id"), ("client", "client_id")):
        _reference(
            "client_grants",
            f"{kind}_environment",
            f"({key}, environment) REFERENCES platform.{kind}s ({key}, environment)",
        )
    op.execute("GRANT INSERT ON platform.client_grants TO platform_app")


def _requests() -> None:
    op.execute("""
        CREATE TABLE platform.access_requests (
          tenant_id integer NOT NULL,
          id uuid NOT NULL,
          client_id text NOT NULL REFERENCES platform.clients (client_id),
          scopes text[] NOT NULL,
          purpose text NOT NULL,
          state text NOT NULL
            CHECK (state IN ('requested', 'granted', 'refused', 'withdrawn', 'ended')),
          requested_at timestamptz NOT NULL,
          granted_scopes text[] NOT NULL DEFAULT '{}',
          expires_at timestamptz,
          decided_at timestamptz,
          decided_by text,
          reason text,
          version integer NOT NULL DEFAULT 1,
          PRIMARY KEY (tenant_id, id),
          CONSTRAINT access_requests_decided_check
            CHECK ((state = 'requested') = (decided_at IS NULL)),
          CONSTRAINT access_requests_least_privilege_check CHECK (granted_scopes <@ scopes)
        )
    """)
    tenantize("platform.access_requests", "SELECT, INSERT, UPDATE")
    op.execute(
        "CREATE UNIQUE INDEX access_requests_open"
        " ON platform.access_requests (tenant_id, client_id) WHERE state = 'requested'"
    )
    op.execute(
        "CREATE INDEX access_requests_client ON platform.access_requests (tenant_id, client_id, id)"
    )


def _check(table: str, name: str, condition: str) -> None:
    _constrain(table, f"{table}_{name}_check", f"CHECK ({condition})")


def _reference(table: str, name: str, target: str) -> None:
    _constrain(table, f"{table}_{name}_fkey", f"FOREIGN KEY {target}")


def _constrain(table: str, constraint: str, law: str) -> None:
    # NOT VALID spares a scan: every row there is holds a constant just written, or what a narrower
    # law allowed. Rows written from now on are judged.
    op.execute(f"ALTER TABLE platform.{table} ADD CONSTRAINT {constraint} {law} NOT VALID")

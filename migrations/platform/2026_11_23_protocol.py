"""The protocol: pushed requests, proofs of possession, and the keys of clients."""

from alembic import op

from migrations.tenancy import tenantize

revision = "platform_protocol"
down_revision = "platform_office"
branch_labels = None
depends_on = None

_COLUMNS = (
    # What was registered before profiles were keeps its way of asking until it is registered anew.
    "profile text NOT NULL DEFAULT 'first_party'",
    "jwks_uri text",
    "post_logout_redirect_uris text[] NOT NULL DEFAULT '{}'",
    "backchannel_logout_uri text",
    "origins text[] NOT NULL DEFAULT '{}'",
    "dpop_bound boolean NOT NULL DEFAULT false",
    "par_required boolean NOT NULL DEFAULT false",
    "owner uuid",
    "environment text NOT NULL DEFAULT 'production'",
    "expires_at timestamptz",
)
_CHECKS = {
    "profile": "profile IN ('first_party', 'third_party', 'machine')",
    "environment": "environment IN ('sandbox', 'production')",
}


def upgrade() -> None:
    _clients()
    _client_keys()
    _used_proofs()
    _pushed_requests()
    _bound_to_a_key()


def _clients() -> None:
    for column in _COLUMNS:
        op.execute(f"ALTER TABLE platform.clients ADD COLUMN {column}")
    # NOT VALID spares a scan: every row there is holds the constant that was just written into it.
    for name, condition in _CHECKS.items():
        op.execute(
            f"ALTER TABLE platform.clients ADD CONSTRAINT clients_{name}_check"
            f" CHECK ({condition}) NOT VALID"
        )


def _client_keys() -> None:
    # `clients.jwks` of a machine whose keys lie here, or at its own address, is an empty set.
    # A key that was withdrawn stays, so that a client that ever had one is never taken for a
    # public client, which proves nothing.
    op.execute("""
        CREATE TABLE platform.client_keys (
          client_id text NOT NULL REFERENCES platform.clients (client_id),
          kid text NOT NULL CHECK (length(kid) BETWEEN 1 AND 255),
          jwk jsonb NOT NULL,
          status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'revoked')),
          created_at timestamptz NOT NULL DEFAULT now(),
          last_used_at timestamptz,
          expires_at timestamptz,
          PRIMARY KEY (client_id, kid)
        )
    """)
    op.execute("GRANT SELECT, INSERT, UPDATE ON platform.client_keys TO platform_app")


def _used_proofs() -> None:
    # A proof of possession is good once (RFC 9449 §11.1), whichever gateway it reaches; only its
    # hash is kept, and only for the minute in which it could be shown again.
    op.execute("""
        CREATE TABLE platform.used_proofs (
          jkt text NOT NULL,
          jti_hash bytea NOT NULL,
          expires_at timestamptz NOT NULL,
          PRIMARY KEY (jkt, jti_hash)
        )
    """)
    op.execute("CREATE INDEX used_proofs_expiry ON platform.used_proofs (expires_at)")
    op.execute("GRANT SELECT, INSERT, DELETE ON platform.used_proofs TO platform_app")


def _pushed_requests() -> None:
    op.execute("""
        CREATE TABLE platform.pushed_requests (
          tenant_id integer NOT NULL,
          request_hash bytea NOT NULL,
          client_id text NOT NULL,
          parameters jsonb NOT NULL,
          dpop_jkt text,
          expires_at timestamptz NOT NULL,
          PRIMARY KEY (tenant_id, request_hash)
        )
    """)
    tenantize("platform.pushed_requests", "SELECT, INSERT, DELETE")
    op.execute(
        "CREATE INDEX pushed_requests_expiry ON platform.pushed_requests (tenant_id, expires_at)"
    )


def _bound_to_a_key() -> None:
    # The thumbprint of the key (RFC 7638) that must be shown again with what was given for it.
    for table in ("sign_in_transactions", "authorization_codes", "refresh_tokens"):
        op.execute(f"ALTER TABLE platform.{table} ADD COLUMN dpop_jkt text")

"""Identity: who may ask, who signed in, what they were given, and what was taken back."""

from alembic import op

from migrations.tenancy import DML, tenantize

revision = "platform_identity"
down_revision = "platform_ground"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _clients()
    _providers()
    _sign_in()
    _sessions()
    _grants()
    _bindings()
    _revocations()


def _clients() -> None:
    # A client is known before any tenant is: it belongs to none, and is granted to some.
    op.execute("""
        CREATE TABLE platform.clients (
          client_id text PRIMARY KEY CHECK (client_id ~ '^[0-9a-z-]{1,255}$'),
          name text NOT NULL,
          kinds text[] NOT NULL
            CHECK (kinds <@ ARRAY['resident', 'official', 'machine'] AND cardinality(kinds) > 0),
          scopes text[] NOT NULL,
          redirect_uris text[] NOT NULL DEFAULT '{}',
          jwks jsonb,
          sector text NOT NULL,
          status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended')),
          registered_at timestamptz NOT NULL DEFAULT now(),
          CONSTRAINT clients_machines_prove_themselves_check
            CHECK (jwks IS NOT NULL OR NOT kinds && ARRAY['machine'])
        )
    """)
    op.execute("GRANT SELECT ON platform.clients TO platform_app")
    op.execute("""
        CREATE TABLE platform.client_grants (
          tenant_id integer NOT NULL,
          client_id text NOT NULL REFERENCES platform.clients (client_id),
          scopes text[] NOT NULL,
          granted_at timestamptz NOT NULL DEFAULT now(),
          withdrawn_at timestamptz,
          PRIMARY KEY (tenant_id, client_id)
        )
    """)
    tenantize("platform.client_grants", "SELECT, UPDATE")
    # A proof of a client is good once (RFC 7523 §3, `jti`), whichever gateway it reaches; only
    # its hash is kept, and only until the proof would have expired.
    op.execute("""
        CREATE TABLE platform.used_assertions (
          client_id text NOT NULL,
          jti_hash bytea NOT NULL,
          expires_at timestamptz NOT NULL,
          PRIMARY KEY (client_id, jti_hash)
        )
    """)
    op.execute("CREATE INDEX used_assertions_expiry ON platform.used_assertions (expires_at)")
    op.execute("GRANT SELECT, INSERT, DELETE ON platform.used_assertions TO platform_app")


def _providers() -> None:
    for kind in ("resident", "official"):
        op.execute(f"""
            CREATE TABLE platform.{kind}_issuers (
              tenant_id integer NOT NULL,
              issuer text NOT NULL,
              client_id text NOT NULL,
              acr_values text NOT NULL DEFAULT '',
              PRIMARY KEY (tenant_id, issuer)
            )
        """)
        tenantize(f"platform.{kind}_issuers", "SELECT")
    op.execute("""
        CREATE TABLE platform.role_mappings (
          tenant_id integer NOT NULL,
          group_name text NOT NULL,
          role text NOT NULL,
          PRIMARY KEY (tenant_id, group_name, role)
        )
    """)
    tenantize("platform.role_mappings", "SELECT")


def _sign_in() -> None:
    # The state is kept as a hash, and the nonce and the verifier for the provider are derived
    # from it with a key outside the database: who reads this table can finish nobody's sign-in.
    op.execute("""
        CREATE TABLE platform.sign_in_transactions (
          tenant_id integer NOT NULL,
          state_hash bytea NOT NULL,
          browser_hash bytea NOT NULL,
          kind text NOT NULL CHECK (kind IN ('resident', 'official')),
          issuer text NOT NULL,
          issuer_client_id text NOT NULL,
          client_id text NOT NULL,
          redirect_uri text NOT NULL,
          scopes text[] NOT NULL,
          client_state text,
          client_nonce text,
          code_challenge text NOT NULL,
          expires_at timestamptz NOT NULL,
          PRIMARY KEY (tenant_id, state_hash)
        )
    """)
    tenantize("platform.sign_in_transactions", DML)
    op.execute(
        "CREATE INDEX sign_in_transactions_expiry"
        " ON platform.sign_in_transactions (tenant_id, expires_at)"
    )


def _sessions() -> None:
    # `person` is a pseudonym of this tenant alone; what the provider calls the person is not kept.
    op.execute("""
        CREATE TABLE platform.sessions (
          tenant_id integer NOT NULL,
          id uuid NOT NULL,
          kind text NOT NULL CHECK (kind IN ('resident', 'official')),
          person text NOT NULL,
          subject text NOT NULL,
          client_id text NOT NULL,
          groups text[] NOT NULL DEFAULT '{}',
          acr text NOT NULL,
          auth_time timestamptz NOT NULL,
          binding text NOT NULL CHECK (binding IN ('none', 'bound', 'unmatched', 'unavailable')),
          created_at timestamptz NOT NULL,
          expires_at timestamptz NOT NULL,
          ended_at timestamptz,
          ended_because text,
          PRIMARY KEY (tenant_id, id),
          CONSTRAINT sessions_end_has_a_reason_check
            CHECK ((ended_at IS NULL) = (ended_because IS NULL))
        )
    """)
    tenantize("platform.sessions", DML)
    op.execute("CREATE INDEX sessions_expiry ON platform.sessions (tenant_id, expires_at)")


def _grants() -> None:
    op.execute("""
        CREATE TABLE platform.authorization_codes (
          tenant_id integer NOT NULL,
          code_hash bytea NOT NULL,
          session_id uuid NOT NULL,
          client_id text NOT NULL,
          redirect_uri text NOT NULL,
          scopes text[] NOT NULL,
          nonce text,
          code_challenge text NOT NULL,
          expires_at timestamptz NOT NULL,
          redeemed_at timestamptz,
          PRIMARY KEY (tenant_id, code_hash),
          FOREIGN KEY (tenant_id, session_id)
            REFERENCES platform.sessions (tenant_id, id) ON DELETE CASCADE
        )
    """)
    # The family of a refresh token is its session: a session is begun by one code, used once.
    op.execute("""
        CREATE TABLE platform.refresh_tokens (
          tenant_id integer NOT NULL,
          token_hash bytea NOT NULL,
          session_id uuid NOT NULL,
          scopes text[] NOT NULL,
          expires_at timestamptz NOT NULL,
          used_at timestamptz,
          PRIMARY KEY (tenant_id, token_hash),
          FOREIGN KEY (tenant_id, session_id)
            REFERENCES platform.sessions (tenant_id, id) ON DELETE CASCADE
        )
    """)
    for table in ("authorization_codes", "refresh_tokens"):
        tenantize(f"platform.{table}", DML)
        op.execute(f"CREATE INDEX {table}_session ON platform.{table} (tenant_id, session_id)")


def _bindings() -> None:
    op.execute("""
        CREATE TABLE platform.resident_bindings (
          tenant_id integer NOT NULL,
          subject text NOT NULL,
          resident_id uuid NOT NULL,
          grade text NOT NULL CHECK (grade IN ('exact', 'normalised', 'official')),
          bound_at timestamptz NOT NULL,
          PRIMARY KEY (tenant_id, subject)
        )
    """)
    tenantize("platform.resident_bindings", DML)
    op.execute(
        "CREATE INDEX resident_bindings_resident"
        " ON platform.resident_bindings (tenant_id, resident_id)"
    )


def _revocations() -> None:
    # Every gateway reads the whole list twice a second, for all tenants at once, so it stands
    # outside row security. It therefore holds nothing but opaque identifiers and a public code.
    op.execute("""
        CREATE TABLE platform.revocations (
          id uuid PRIMARY KEY DEFAULT uuidv7(),
          municipality_code text NOT NULL,
          kind text NOT NULL CHECK (kind IN ('token', 'session', 'client', 'subject')),
          value text NOT NULL,
          revoked_at timestamptz NOT NULL,
          expires_at timestamptz NOT NULL
        )
    """)
    op.execute("CREATE INDEX revocations_expiry ON platform.revocations (expires_at)")
    op.execute("GRANT SELECT, INSERT, DELETE ON platform.revocations TO platform_app")

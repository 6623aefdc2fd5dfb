"""The browser: what people consented to, their sessions at a front end, and how they end."""

from alembic import op

from migrations.tenancy import DML, tenantize

revision = "platform_browser"
down_revision = "platform_protocol"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _consents()
    _consent_requests()
    _front_end_sign_ins()
    _browser_sessions()


def _consents() -> None:
    # `person` is the pseudonym of this tenant alone, as in platform.sessions. What was asked is
    # kept beside what was given: who said no to a part is not asked about that part again.
    op.execute("""
        CREATE TABLE platform.consents (
          tenant_id integer NOT NULL,
          id uuid NOT NULL DEFAULT uuidv7(),
          person text NOT NULL,
          client_id text NOT NULL REFERENCES platform.clients (client_id),
          asked text[] NOT NULL,
          given text[] NOT NULL,
          given_at timestamptz NOT NULL,
          expires_at timestamptz NOT NULL,
          ended_at timestamptz,
          ended_because text CHECK (ended_because IN ('withdrawn', 'replaced')),
          PRIMARY KEY (tenant_id, id),
          CONSTRAINT consents_given_was_asked_check CHECK (given <@ asked),
          CONSTRAINT consents_end_has_a_reason_check
            CHECK ((ended_at IS NULL) = (ended_because IS NULL))
        )
    """)
    tenantize("platform.consents", DML)
    op.execute(
        "CREATE UNIQUE INDEX consents_in_force"
        " ON platform.consents (tenant_id, person, client_id) WHERE ended_at IS NULL"
    )


def _consent_requests() -> None:
    # A question put to one browser. The code it holds back is kept under a hash nobody has the
    # text of; a yes gives the code a new one, a no ends the session it would have begun.
    op.execute("""
        CREATE TABLE platform.consent_requests (
          tenant_id integer NOT NULL,
          request_hash bytea NOT NULL,
          browser_hash bytea NOT NULL,
          session_id uuid NOT NULL,
          code_hash bytea NOT NULL,
          scopes text[] NOT NULL,
          redirect_uri text NOT NULL,
          client_state text,
          expires_at timestamptz NOT NULL,
          PRIMARY KEY (tenant_id, request_hash),
          FOREIGN KEY (tenant_id, session_id)
            REFERENCES platform.sessions (tenant_id, id) ON DELETE CASCADE
        )
    """)
    tenantize("platform.consent_requests", DML)
    op.execute(
        "CREATE INDEX consent_requests_session ON platform.consent_requests (tenant_id, session_id)"
    )
    op.execute(
        "CREATE INDEX consent_requests_expiry ON platform.consent_requests (tenant_id, expires_at)"
    )


def _front_end_sign_ins() -> None:
    op.execute("""
        CREATE TABLE platform.front_end_sign_ins (
          tenant_id integer NOT NULL,
          state_hash bytea NOT NULL,
          browser_hash bytea NOT NULL,
          client_id text NOT NULL REFERENCES platform.clients (client_id),
          return_to text NOT NULL,
          expires_at timestamptz NOT NULL,
          PRIMARY KEY (tenant_id, state_hash)
        )
    """)
    tenantize("platform.front_end_sign_ins", DML)
    op.execute(
        "CREATE INDEX front_end_sign_ins_expiry"
        " ON platform.front_end_sign_ins (tenant_id, expires_at)"
    )


def _browser_sessions() -> None:
    # The session a browser carries as a cookie; of the cookie only the hash is here. The id just
    # replaced is remembered, so that whoever comes with it later is known to hold a copy.
    op.execute("""
        CREATE TABLE platform.browser_sessions (
          tenant_id integer NOT NULL,
          session_id uuid NOT NULL,
          secret_hash bytea NOT NULL,
          previous_hash bytea,
          previous_until timestamptz,
          scopes text[] NOT NULL,
          rotated_at timestamptz NOT NULL,
          seen_at timestamptz NOT NULL,
          PRIMARY KEY (tenant_id, session_id),
          FOREIGN KEY (tenant_id, session_id)
            REFERENCES platform.sessions (tenant_id, id) ON DELETE CASCADE,
          CONSTRAINT browser_sessions_previous_has_an_end_check
            CHECK ((previous_hash IS NULL) = (previous_until IS NULL))
        )
    """)
    tenantize("platform.browser_sessions", DML)
    op.execute(
        "CREATE UNIQUE INDEX browser_sessions_secret"
        " ON platform.browser_sessions (tenant_id, secret_hash)"
    )
    op.execute(
        "CREATE INDEX browser_sessions_previous"
        " ON platform.browser_sessions (tenant_id, previous_hash)"
    )
    op.execute("CREATE INDEX sessions_person ON platform.sessions (tenant_id, person, expires_at)")

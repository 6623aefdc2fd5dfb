"""Staff: the providers a municipality registered, and the duties it gave, also ahead of time."""

from alembic import op

from migrations.tenancy import DML, tenantize

revision = "platform_staff"
down_revision = "platform_signatures"
branch_labels = None
depends_on = None

_WIDENED = "-- squawk-ignore ban-drop-constraint\n"
"""A check that is replaced by a wider one takes no promise back."""


def upgrade() -> None:
    _providers()
    _trials()
    _officials()
    _grants()
    _reassignments()
    _businesses()
    _kinds()
    _moved()


def _providers() -> None:
    # `endpoints` are those the provider was examined with. A sign-in goes there, whatever its
    # published document says afterwards; null means an instance's own provider, taken as it is.
    op.execute("""
        CREATE TABLE platform.identity_providers (
          tenant_id integer NOT NULL,
          id uuid NOT NULL DEFAULT uuidv7(),
          name text NOT NULL,
          issuer text NOT NULL,
          client_id text NOT NULL,
          client_authentication text NOT NULL DEFAULT 'private_key_jwt'
            CHECK (client_authentication IN
                   ('private_key_jwt', 'client_secret_basic', 'client_secret_post')),
          client_secret_sealed bytea,
          scope text NOT NULL DEFAULT 'openid profile groups',
          acr_values text NOT NULL DEFAULT '',
          claims jsonb NOT NULL DEFAULT '{}',
          endpoints jsonb,
          algorithms text[] NOT NULL DEFAULT '{ES256}',
          own_callback boolean NOT NULL DEFAULT false,
          state text NOT NULL
            CHECK (state IN ('draft', 'tested', 'active', 'retiring', 'retired')),
          discovered_at timestamptz,
          tested_at timestamptz,
          activated_at timestamptz,
          retire_at timestamptz,
          retired_at timestamptz,
          changed_by text NOT NULL,
          changed_at timestamptz NOT NULL DEFAULT now(),
          version integer NOT NULL DEFAULT 1,
          PRIMARY KEY (tenant_id, id),
          CONSTRAINT identity_providers_secret_check
            CHECK ((client_authentication = 'private_key_jwt') = (client_secret_sealed IS NULL)),
          CONSTRAINT identity_providers_retirement_check
            CHECK ((state = 'retired') = (retired_at IS NOT NULL))
        )
    """)
    op.execute("""
        CREATE UNIQUE INDEX identity_providers_issuer
        ON platform.identity_providers (tenant_id, issuer) WHERE state <> 'retired'
    """)
    op.execute("""
        CREATE TABLE platform.provider_roles (
          tenant_id integer NOT NULL,
          provider_id uuid NOT NULL,
          claim_value text NOT NULL,
          role text NOT NULL,
          PRIMARY KEY (tenant_id, provider_id, claim_value, role),
          FOREIGN KEY (tenant_id, provider_id)
            REFERENCES platform.identity_providers (tenant_id, id)
        )
    """)
    for table in ("identity_providers", "provider_roles"):
        tenantize(f"platform.{table}", DML)


def _trials() -> None:
    # A trial sign-in gives nobody a session: it is kept apart from those that do.
    op.execute("""
        CREATE TABLE platform.trial_sign_ins (
          tenant_id integer NOT NULL,
          id uuid NOT NULL,
          provider_id uuid NOT NULL,
          provider_version integer NOT NULL,
          requested_by text NOT NULL,
          link_hash bytea NOT NULL,
          state_hash bytea,
          browser_hash bytea,
          created_at timestamptz NOT NULL,
          expires_at timestamptz NOT NULL,
          finished_at timestamptz,
          succeeded boolean,
          person text,
          employee_hash bytea,
          groups text[] NOT NULL DEFAULT '{}',
          report jsonb NOT NULL DEFAULT '{}',
          PRIMARY KEY (tenant_id, id),
          FOREIGN KEY (tenant_id, provider_id)
            REFERENCES platform.identity_providers (tenant_id, id),
          CONSTRAINT trial_sign_ins_outcome_check
            CHECK ((finished_at IS NULL) = (succeeded IS NULL))
        )
    """)
    tenantize("platform.trial_sign_ins", DML)
    op.execute(
        "CREATE INDEX trial_sign_ins_provider"
        " ON platform.trial_sign_ins (tenant_id, provider_id, id)"
    )
    for name in ("link", "state"):
        op.execute(
            f"CREATE UNIQUE INDEX trial_sign_ins_{name}"
            f" ON platform.trial_sign_ins (tenant_id, {name}_hash)"
        )


def _officials() -> None:
    # One person with two accounts, during a change of directory, stays one: `subject` is theirs,
    # and the number their employer gave them joins the accounts.
    op.execute("""
        CREATE TABLE platform.officials (
          tenant_id integer NOT NULL,
          subject text NOT NULL,
          display_name_sealed bytea,
          employee_hash bytea,
          employee_id_sealed bytea,
          email_hash bytea,
          first_seen_at timestamptz NOT NULL,
          last_seen_at timestamptz NOT NULL,
          PRIMARY KEY (tenant_id, subject)
        )
    """)
    op.execute("""
        CREATE UNIQUE INDEX officials_employee ON platform.officials (tenant_id, employee_hash)
    """)
    op.execute("CREATE INDEX officials_email ON platform.officials (tenant_id, email_hash)")
    op.execute("""
        CREATE TABLE platform.official_accounts (
          tenant_id integer NOT NULL,
          person text NOT NULL,
          subject text NOT NULL,
          provider_id uuid NOT NULL,
          groups text[] NOT NULL DEFAULT '{}',
          last_seen_at timestamptz NOT NULL,
          PRIMARY KEY (tenant_id, person),
          FOREIGN KEY (tenant_id, provider_id)
            REFERENCES platform.identity_providers (tenant_id, id),
          FOREIGN KEY (tenant_id, subject) REFERENCES platform.officials (tenant_id, subject)
        )
    """)
    op.execute(
        "CREATE INDEX official_accounts_subject ON platform.official_accounts (tenant_id, subject)"
    )
    op.execute(
        "CREATE INDEX official_accounts_provider"
        " ON platform.official_accounts (tenant_id, provider_id)"
    )
    for table in ("officials", "official_accounts"):
        tenantize(f"platform.{table}", DML)


def _grants() -> None:
    # Whoever is not known yet is named by what their directory will say of them, as a keyed hash;
    # the first sign-in that says it makes the duty theirs.
    op.execute("""
        CREATE TABLE platform.role_grants (
          tenant_id integer NOT NULL,
          id uuid NOT NULL,
          subject text,
          named_by text NOT NULL CHECK (named_by IN ('subject', 'employee_id', 'email')),
          name_hash bytea,
          name_sealed bytea,
          role text NOT NULL,
          starts_at timestamptz NOT NULL,
          ends_at timestamptz,
          reason_sealed bytea NOT NULL,
          state text NOT NULL
            CHECK (state IN ('proposed', 'granted', 'declined', 'withdrawn', 'revoked')),
          reassignment_id uuid,
          proposed_by text NOT NULL,
          proposed_at timestamptz NOT NULL,
          decided_by text,
          decided_at timestamptz,
          ended_by text,
          changed_at timestamptz NOT NULL,
          version integer NOT NULL DEFAULT 1,
          PRIMARY KEY (tenant_id, id),
          CONSTRAINT role_grants_period_check CHECK (ends_at > starts_at OR state = 'revoked'),
          CONSTRAINT role_grants_holder_check CHECK (subject IS NOT NULL OR name_hash IS NOT NULL),
          CONSTRAINT role_grants_not_oneself_check CHECK (
            role NOT IN ('administrator', 'treasurer', 'auditor')
            OR state NOT IN ('proposed', 'granted') OR subject IS NULL
            OR (subject <> proposed_by AND subject <> coalesce(decided_by, ''))),
          CONSTRAINT role_grants_four_eyes_check CHECK (
            role NOT IN ('administrator', 'treasurer', 'auditor') OR state <> 'granted'
            OR (decided_by IS NOT NULL AND decided_by <> proposed_by))
        )
    """)
    tenantize("platform.role_grants", DML)
    op.execute("CREATE INDEX role_grants_subject ON platform.role_grants (tenant_id, subject)")
    op.execute("CREATE INDEX role_grants_name ON platform.role_grants (tenant_id, name_hash)")


def _reassignments() -> None:
    op.execute("""
        CREATE TABLE platform.reassignments (
          tenant_id integer NOT NULL,
          id uuid NOT NULL,
          effective_on date NOT NULL,
          entries_sealed bytea,
          report jsonb NOT NULL,
          state text NOT NULL CHECK (state IN ('checked', 'confirmed', 'discarded')),
          loaded_by text NOT NULL,
          loaded_at timestamptz NOT NULL,
          decided_by text,
          decided_at timestamptz,
          version integer NOT NULL DEFAULT 1,
          PRIMARY KEY (tenant_id, id)
        )
    """)
    tenantize("platform.reassignments", DML)


def _businesses() -> None:
    op.execute("""
        CREATE TABLE platform.business_issuers (
          tenant_id integer NOT NULL,
          issuer text NOT NULL,
          client_id text NOT NULL,
          acr_values text NOT NULL DEFAULT '',
          PRIMARY KEY (tenant_id, issuer)
        )
    """)
    tenantize("platform.business_issuers", "SELECT")
    op.execute("""
        CREATE TABLE platform.business_accounts (
          tenant_id integer NOT NULL,
          person text NOT NULL,
          subject text NOT NULL,
          business_id text NOT NULL,
          role text NOT NULL CHECK (role IN ('prime', 'member', 'entry')),
          corporate_number text CHECK (corporate_number ~ '^[1-9][0-9]{12}$'),
          name_sealed bytea,
          has_mandate boolean NOT NULL DEFAULT false,
          last_seen_at timestamptz NOT NULL,
          PRIMARY KEY (tenant_id, person)
        )
    """)
    tenantize("platform.business_accounts", DML)
    op.execute(
        "CREATE INDEX business_accounts_subject ON platform.business_accounts (tenant_id, subject)"
    )


def _kinds() -> None:
    # NOT VALID spares a scan: what was allowed before is allowed still.
    checks = {
        "sign_in_transactions_kind_check": "kind IN ('resident', 'official', 'business')",
        "sessions_kind_check": "kind IN ('resident', 'official', 'business')",
        "clients_kinds_check": "kinds <@ ARRAY['resident', 'official', 'business', 'machine']"
        " AND cardinality(kinds) > 0",
    }
    for name, condition in checks.items():
        table = name.removesuffix("_kind_check").removesuffix("_kinds_check")
        op.execute(f"{_WIDENED}ALTER TABLE platform.{table} DROP CONSTRAINT {name}")
        op.execute(
            f"ALTER TABLE platform.{table} ADD CONSTRAINT {name} CHECK ({condition}) NOT VALID"
        )
    op.execute("ALTER TABLE platform.sign_in_transactions ADD COLUMN provider_id uuid")


def _moved() -> None:
    # What an instance was given at its foundation moves into the new list, already in use.
    op.execute("""
        INSERT INTO platform.identity_providers
          (tenant_id, name, issuer, client_id, acr_values, state, activated_at, changed_by)
        SELECT tenant_id, '設置時の認証基盤', issuer, client_id, acr_values, 'active', now(),
               'operations'
        FROM platform.official_issuers
    """)
    op.execute("""
        INSERT INTO platform.provider_roles (tenant_id, provider_id, claim_value, role)
        SELECT p.tenant_id, p.id, m.group_name, m.role
        FROM platform.identity_providers p JOIN platform.role_mappings m USING (tenant_id)
    """)

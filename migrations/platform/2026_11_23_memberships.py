"""How a municipality comes on board, and how it leaves.

The directory says how far each tenant has come and which services it takes part in; the office may
write those columns and no others. What a municipality itself lays down for it is the tenant's own.
"""

from alembic import op

from migrations.tenancy import tenantize

revision = "platform_memberships"
down_revision = "platform_farewells"
branch_labels = None
depends_on = None

_WIDENED = "-- squawk-ignore ban-drop-constraint\n"
_STATES = "('listed', 'trial', 'live', 'paused', 'leaving', 'closed')"
_SERVICES = "ARRAY['registry', 'benefits', 'window_dx', 'consultation']"
_CODE = "text NOT NULL CHECK (municipality_code ~ '^[0-9]{6}$')"
_ACTS = "('onboard', 'go_live', 'pause', 'resume', 'leave', 'stay', 'close')"


def upgrade() -> None:
    _directory()
    _notices()
    _paper_routes()
    _acts()
    _papers()
    _restore_drills()


def _directory() -> None:
    op.execute(f"{_WIDENED}ALTER TABLE platform.tenants DROP CONSTRAINT tenants_status_check")
    op.execute(
        "ALTER TABLE platform.tenants ADD CONSTRAINT tenants_status_check"
        f" CHECK (status IN {_STATES})"
    )
    op.execute(f"""
        ALTER TABLE platform.tenants
          ADD COLUMN services text[] NOT NULL DEFAULT {_SERVICES}
            CONSTRAINT tenants_services_check CHECK (services <@ {_SERVICES}),
          ADD COLUMN notice jsonb,
          ADD COLUMN onboarded_at timestamptz,
          ADD COLUMN state_since timestamptz,
          ADD COLUMN membership_version integer NOT NULL DEFAULT 1
    """)
    op.execute("CREATE INDEX tenants_onboarded ON platform.tenants (onboarded_at)")
    op.execute(
        "GRANT UPDATE (status, services, notice, onboarded_at, state_since, membership_version)"
        " ON platform.tenants TO platform_app"
    )
    # A service looks at the one number, and makes the keys of whoever came on board since.
    op.execute(
        "GRANT SELECT ON platform.bulletin"
        " TO registry_app, benefits_app, window_dx_app, consultation_app"
    )


def _notices() -> None:
    # That a municipality takes part, pauses or leaves is public; the nation lists all of them.
    op.execute(f"""
        CREATE TABLE platform.membership_notices (
          id uuid PRIMARY KEY,
          municipality_code {_CODE},
          act text NOT NULL CHECK (act IN {_ACTS}),
          state_before text NOT NULL CHECK (state_before IN {_STATES}),
          state text NOT NULL CHECK (state IN {_STATES}),
          occurred_at timestamptz NOT NULL,
          message_ja text NOT NULL,
          message_en text NOT NULL
        )
    """)
    op.execute(
        "CREATE INDEX membership_notices_code"
        " ON platform.membership_notices (municipality_code, id)"
    )
    op.execute("GRANT SELECT, INSERT ON platform.membership_notices TO platform_app")


def _paper_routes() -> None:
    # Where the same is done on paper; public, and read by every gateway for whoever pauses.
    op.execute(f"""
        CREATE TABLE platform.paper_routes (
          municipality_code {_CODE},
          service text NOT NULL CHECK (service = ANY ({_SERVICES})),
          route jsonb NOT NULL,
          changed_by text NOT NULL,
          changed_at timestamptz NOT NULL,
          PRIMARY KEY (municipality_code, service)
        )
    """)
    op.execute("GRANT SELECT, INSERT, UPDATE ON platform.paper_routes TO platform_app")


def _acts() -> None:
    op.execute(f"""
        CREATE TABLE platform.membership_acts (
          tenant_id integer NOT NULL,
          id uuid NOT NULL,
          act text NOT NULL CHECK (act IN {_ACTS}),
          state text NOT NULL CHECK (state IN ('proposed', 'done', 'withdrawn')),
          reason text NOT NULL,
          notice jsonb,
          proposed_by text NOT NULL,
          proposed_at timestamptz NOT NULL,
          decided_by text,
          decided_at timestamptz,
          PRIMARY KEY (tenant_id, id),
          CONSTRAINT membership_acts_are_decided_by_somebody_check
            CHECK ((state = 'proposed') = (decided_by IS NULL)
              AND (decided_by IS NULL) = (decided_at IS NULL))
        )
    """)
    tenantize("platform.membership_acts", "SELECT, INSERT, UPDATE")


def _papers() -> None:
    op.execute("""
        CREATE TABLE platform.membership_papers (
          tenant_id integer NOT NULL,
          contacts jsonb NOT NULL,
          disclosure text CHECK (disclosure IN ('none', 'prefecture', 'nation')),
          changed_by text NOT NULL,
          changed_at timestamptz NOT NULL,
          PRIMARY KEY (tenant_id)
        )
    """)
    tenantize("platform.membership_papers", "SELECT, INSERT, UPDATE")


def _restore_drills() -> None:
    op.execute("""
        CREATE TABLE platform.restore_drills (
          tenant_id integer NOT NULL,
          id uuid NOT NULL,
          drilled_on date NOT NULL,
          minutes integer NOT NULL CHECK (minutes BETWEEN 1 AND 100000),
          finding text NOT NULL,
          recorded_by text NOT NULL,
          recorded_at timestamptz NOT NULL,
          PRIMARY KEY (tenant_id, id)
        )
    """)
    tenantize("platform.restore_drills", "SELECT, INSERT")
    op.execute("CREATE INDEX restore_drills_day ON platform.restore_drills (tenant_id, drilled_on)")

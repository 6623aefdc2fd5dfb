"""Traffic: what is open, what is paused, and who came through the door."""

from alembic import op

from migrations.tenancy import tenantize

revision = "platform_traffic"
down_revision = "platform_vendors"
branch_labels = None
depends_on = None

_PLACES = "('all', 'registry', 'benefits', 'window_dx', 'consultation')"


def upgrade() -> None:
    _switches()
    _planned_pauses()
    _signs()
    _limits()
    _bulletin()
    _access_logs()


def _switches() -> None:
    op.execute(f"""
        CREATE TABLE platform.service_switches (
          tenant_id integer NOT NULL,
          id uuid NOT NULL,
          place text NOT NULL CHECK (place IN {_PLACES}),
          state text NOT NULL CHECK (state IN ('open', 'read_only', 'paused', 'closed')),
          until timestamptz,
          notice jsonb,
          switched_by text NOT NULL,
          switched_at timestamptz NOT NULL,
          reason text NOT NULL,
          version integer NOT NULL,
          PRIMARY KEY (tenant_id, id),
          UNIQUE (tenant_id, place),
          CONSTRAINT service_switches_a_shut_door_has_a_sign_check
            CHECK ((state = 'open') = (notice IS NULL)),
          CONSTRAINT service_switches_a_pause_has_an_end_check
            CHECK (state <> 'paused' OR until IS NOT NULL),
          CONSTRAINT service_switches_nothing_closed_opens_itself_check
            CHECK (state NOT IN ('open', 'closed') OR until IS NULL)
        )
    """)
    tenantize("platform.service_switches", "SELECT, INSERT, UPDATE")


def _planned_pauses() -> None:
    op.execute(f"""
        CREATE TABLE platform.planned_pauses (
          tenant_id integer NOT NULL,
          id uuid NOT NULL,
          place text NOT NULL CHECK (place IN {_PLACES}),
          state text NOT NULL CHECK (state IN ('read_only', 'paused')),
          starts_at timestamptz NOT NULL,
          ends_at timestamptz NOT NULL,
          notice jsonb NOT NULL,
          planned_by text NOT NULL,
          planned_at timestamptz NOT NULL,
          reason text NOT NULL,
          called_off_at timestamptz,
          called_off_by text,
          PRIMARY KEY (tenant_id, id),
          CONSTRAINT planned_pauses_end_after_they_begin_check CHECK (starts_at < ends_at),
          CONSTRAINT planned_pauses_are_called_off_by_somebody_check
            CHECK ((called_off_at IS NULL) = (called_off_by IS NULL))
        )
    """)
    tenantize("platform.planned_pauses", "SELECT, INSERT, UPDATE")
    op.execute(
        "CREATE INDEX planned_pauses_place ON platform.planned_pauses (tenant_id, place, ends_at)"
    )


def _signs() -> None:
    # What hangs on the doors of all municipalities, for every gateway to read at once; it stands
    # outside row security, like the revocations, and holds nothing that is not public.
    op.execute(f"""
        CREATE TABLE platform.signs (
          municipality_code text NOT NULL CHECK (municipality_code ~ '^[0-9]{{6}}$'),
          id uuid NOT NULL,
          place text NOT NULL CHECK (place IN {_PLACES}),
          state text NOT NULL CHECK (state IN ('read_only', 'paused', 'closed')),
          starts_at timestamptz NOT NULL,
          ends_at timestamptz,
          notice jsonb NOT NULL,
          PRIMARY KEY (municipality_code, id)
        )
    """)
    op.execute("CREATE INDEX signs_end ON platform.signs (ends_at)")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON platform.signs TO platform_app")


def _limits() -> None:
    # Set by the operator, read by every gateway. An empty client_id means the whole municipality.
    op.execute("""
        CREATE TABLE platform.traffic_limits (
          municipality_code text NOT NULL CHECK (municipality_code ~ '^[0-9]{6}$'),
          client_id text NOT NULL DEFAULT '',
          per_minute integer NOT NULL CHECK (per_minute > 0),
          burst integer NOT NULL CHECK (burst > 0),
          at_once integer NOT NULL CHECK (at_once > 0),
          weight integer NOT NULL DEFAULT 1 CHECK (weight BETWEEN 1 AND 16),
          PRIMARY KEY (municipality_code, client_id)
        )
    """)
    op.execute("GRANT SELECT ON platform.traffic_limits TO platform_app")


def _bulletin() -> None:
    # One row. Whoever changes a sign or a limit counts it up in the same transaction, so a
    # gateway that looks twice a second reads one number, and the rest only when it grew.
    op.execute("""
        CREATE TABLE platform.bulletin (
          "only" boolean PRIMARY KEY DEFAULT true CHECK ("only"),
          revision bigint NOT NULL
        )
    """)
    op.execute("INSERT INTO platform.bulletin (revision) VALUES (1)")
    op.execute("GRANT SELECT, UPDATE ON platform.bulletin TO platform_app")


def _access_logs() -> None:
    # One row for each request through the door. `id` is the request's number, a UUID of version
    # 7: the key is the order of time, and the time is in the key.
    op.execute("""
        CREATE TABLE platform.access_logs (
          tenant_id integer NOT NULL,
          id uuid NOT NULL,
          kind text NOT NULL,
          subject text NOT NULL,
          client_id text NOT NULL,
          service text NOT NULL,
          operation text NOT NULL,
          status smallint NOT NULL,
          duration_us bigint NOT NULL,
          received_bytes bigint NOT NULL,
          sent_bytes bigint NOT NULL,
          network text NOT NULL,
          refusal text NOT NULL,
          PRIMARY KEY (tenant_id, id)
        )
    """)
    tenantize("platform.access_logs", "SELECT, INSERT, DELETE")
    for column in ("client_id", "subject"):
        op.execute(
            f"CREATE INDEX access_logs_{column} ON platform.access_logs (tenant_id, {column}, id)"
        )
    # A log with a hole in it must say so: how many requests were not written down, and when.
    op.execute("""
        CREATE TABLE platform.access_log_gaps (
          tenant_id integer NOT NULL,
          id uuid NOT NULL,
          at timestamptz NOT NULL,
          lost bigint NOT NULL CHECK (lost > 0),
          PRIMARY KEY (tenant_id, id)
        )
    """)
    tenantize("platform.access_log_gaps", "SELECT, INSERT, DELETE")

"""The windows of a town hall, the receptions at them, and how long each took."""

from alembic import op

from migrations.tenancy import create_service_tables, tenantize

revision = "window_dx_windows"
down_revision = None
branch_labels = ("window_dx",)
depends_on = None

_ADD_ONLY = "SELECT, INSERT"
_ADD_AND_CHANGE = "SELECT, INSERT, UPDATE"


def upgrade() -> None:
    _windows()
    _receptions()
    _acts()
    create_service_tables("window_dx")


def _windows() -> None:
    op.execute("""
        CREATE TABLE window_dx.windows (
          tenant_id integer NOT NULL,
          id uuid NOT NULL,
          code text NOT NULL,
          name text NOT NULL,
          version integer NOT NULL,
          PRIMARY KEY (tenant_id, id),
          UNIQUE (tenant_id, code)
        )
    """)
    tenantize("window_dx.windows", _ADD_AND_CHANGE)
    op.execute("""
        CREATE TABLE window_dx.reception_counters (
          tenant_id integer NOT NULL,
          window_id uuid NOT NULL,
          received_on date NOT NULL,
          last_number integer NOT NULL,
          PRIMARY KEY (tenant_id, window_id, received_on),
          FOREIGN KEY (tenant_id, window_id) REFERENCES window_dx.windows (tenant_id, id)
        )
    """)
    tenantize("window_dx.reception_counters", _ADD_AND_CHANGE)


def _receptions() -> None:
    op.execute("""
        CREATE TABLE window_dx.receptions (
          tenant_id integer NOT NULL,
          id uuid NOT NULL,
          window_id uuid NOT NULL,
          taken_at_window_id uuid NOT NULL,
          received_on date NOT NULL,
          number integer NOT NULL,
          matter text NOT NULL,
          channel text NOT NULL CONSTRAINT receptions_channel_check
            CHECK (channel IN ('counter', 'online', 'kiosk')),
          resident_id uuid,
          taken_by text NOT NULL,
          state text NOT NULL CONSTRAINT receptions_state_check
            CHECK (state IN ('waiting', 'serving', 'held', 'finished', 'absent')),
          queued_at timestamptz NOT NULL,
          called_at timestamptz,
          version integer NOT NULL,
          PRIMARY KEY (tenant_id, id),
          UNIQUE (tenant_id, taken_at_window_id, received_on, number),
          FOREIGN KEY (tenant_id, window_id) REFERENCES window_dx.windows (tenant_id, id),
          FOREIGN KEY (tenant_id, taken_at_window_id)
            REFERENCES window_dx.windows (tenant_id, id)
        )
    """)
    tenantize("window_dx.receptions", _ADD_AND_CHANGE)
    op.execute("""
        CREATE INDEX receptions_queue ON window_dx.receptions
          (tenant_id, window_id, received_on, state, queued_at, id)
    """)


def _acts() -> None:
    op.execute("""
        CREATE TABLE window_dx.reception_acts (
          tenant_id integer NOT NULL,
          id uuid NOT NULL,
          reception_id uuid NOT NULL,
          window_id uuid NOT NULL,
          act text NOT NULL,
          acted_on date NOT NULL,
          acted_at timestamptz NOT NULL,
          actor text NOT NULL,
          seconds integer,
          PRIMARY KEY (tenant_id, id),
          FOREIGN KEY (tenant_id, reception_id) REFERENCES window_dx.receptions (tenant_id, id)
        )
    """)
    tenantize("window_dx.reception_acts", _ADD_ONLY)
    op.execute("""
        CREATE INDEX reception_acts_measured ON window_dx.reception_acts
          (tenant_id, window_id, act, acted_on)
    """)
    op.execute("""
        CREATE INDEX reception_acts_of_reception ON window_dx.reception_acts
          (tenant_id, reception_id)
    """)

"""Settings that are data: declared once, given values with a first and a last day.

A value lasts until its level's next one begins. No two of a municipality can therefore overlap
once no two begin on one day, which the key of an index sees to: the embedded PostgreSQL has no
`btree_gist`, and Citus takes no exclusion constraint that does not compare the tenant by `=`.
"""

from alembic import op

from migrations.tenancy import tenantize

revision = "platform_local_parameters"
down_revision = "platform_portability"
branch_labels = None
depends_on = None

_SERVICES = "registry_app, benefits_app, window_dx_app, consultation_app, platform_app"
_KEY = "text NOT NULL CHECK (key ~ '^[a-z_]+[.][a-z_]{1,60}$')"
_READ = "tenant_id, id, key, starts_on, value, state"


def upgrade() -> None:
    _values()
    _publications()
    _views()


def _values() -> None:
    op.execute(f"""
        CREATE TABLE platform.parameter_values (
          tenant_id integer NOT NULL,
          id uuid NOT NULL,
          key {_KEY},
          starts_on date NOT NULL,
          value jsonb CHECK (jsonb_typeof(value) IN ('number', 'boolean', 'string')),
          ends uuid,
          reason text NOT NULL,
          entered_by text NOT NULL,
          entered_at timestamptz NOT NULL,
          state text NOT NULL CHECK (state IN ('standing', 'superseded', 'withdrawn')),
          replaced_by uuid,
          changed_by text,
          changed_at timestamptz,
          version integer NOT NULL DEFAULT 1,
          PRIMARY KEY (tenant_id, id),
          CONSTRAINT parameter_values_are_superseded_by_something_check
            CHECK (state <> 'superseded' OR replaced_by IS NOT NULL),
          CONSTRAINT parameter_values_are_changed_by_somebody_check
            CHECK ((changed_by IS NULL) = (changed_at IS NULL)
              AND (state = 'standing' OR changed_by IS NOT NULL))
        )
    """)
    tenantize("platform.parameter_values", "SELECT, INSERT, UPDATE")
    op.execute(
        "CREATE UNIQUE INDEX parameter_values_one_begins"
        " ON platform.parameter_values (tenant_id, key, starts_on) WHERE state = 'standing'"
    )
    op.execute(
        "CREATE INDEX parameter_values_history ON platform.parameter_values (tenant_id, key, id)"
    )


def _publications() -> None:
    # What the nation and the prefectures lay down is a rule, and public; of a municipality only
    # what is declared public lies here, to be counted. Outside row security, like the signs.
    op.execute(f"""
        CREATE TABLE platform.parameter_publications (
          municipality_code text NOT NULL CHECK (municipality_code ~ '^[0-9]{{6}}$'),
          key {_KEY},
          starts_on date NOT NULL,
          id uuid NOT NULL,
          value jsonb,
          PRIMARY KEY (municipality_code, key, starts_on)
        )
    """)
    op.execute(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON platform.parameter_publications TO platform_app"
    )


def _views() -> None:
    op.execute("""
        CREATE VIEW platform.standing_parameters WITH (security_invoker = true) AS
        SELECT tenant_id, id, key, starts_on, value
        FROM platform.parameter_values WHERE state = 'standing'
    """)
    op.execute("""
        CREATE VIEW platform.parameters_above WITH (security_invoker = true) AS
        SELECT municipality_code, id, key, starts_on, value
        FROM platform.parameter_publications WHERE substr(municipality_code, 3, 3) = '000'
    """)
    op.execute(
        f"GRANT SELECT ON platform.standing_parameters, platform.parameters_above TO {_SERVICES}"
    )
    op.execute(f"GRANT SELECT ({_READ}) ON platform.parameter_values TO {_SERVICES}")
    op.execute(
        "GRANT SELECT (municipality_code, id, key, starts_on, value)"
        f" ON platform.parameter_publications TO {_SERVICES}"
    )

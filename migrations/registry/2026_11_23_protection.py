"""Measures of protection: who is protected from whom, and who saw the address."""

from alembic import op

from migrations.tenancy import tenantize

revision = "registry_protection"
down_revision = "registry_imports_streamed"
branch_labels = None
depends_on = None

_SMALL = "-- squawk-ignore require-concurrent-index-creation\n"
"""Only the protected are in it: a handful of rows of a town, found in one pass."""


def upgrade() -> None:
    _measures()
    _persons()
    _perpetrators()
    _openings()
    _alerts()
    _register()
    _bars()


def _measures() -> None:
    # Every text is sealed; what is in the clear are codes and days. That two people stand behind
    # a grant and behind an end is the table's rule, not only the programme's.
    op.execute("""
        CREATE TABLE registry.protection_measures (
          tenant_id integer NOT NULL,
          id uuid NOT NULL DEFAULT uuidv7(),
          origin text NOT NULL CHECK (origin IN ('application', 'transfer', 'register')),
          state text NOT NULL CHECK (state IN ('applied', 'provisional', 'granted', 'extended',
            'expiring', 'overdue', 'released')),
          applied_on date NOT NULL,
          ends_on date,
          caretaker text NOT NULL,
          office_work text[] NOT NULL,
          excluded_officials text[] NOT NULL DEFAULT '{}',
          informed_by text NOT NULL DEFAULT '',
          informed_on date,
          notes_sealed bytea,
          proposed_act text CHECK (proposed_act IN ('grant', 'release')),
          proposed_by text,
          proposed_at timestamptz,
          proposal_sealed bytea,
          opened_by text NOT NULL,
          opened_at timestamptz NOT NULL,
          changed_at timestamptz NOT NULL,
          version integer NOT NULL DEFAULT 1,
          PRIMARY KEY (tenant_id, id),
          CONSTRAINT protection_measures_period_check
            CHECK (state IN ('applied', 'provisional', 'released') OR ends_on IS NOT NULL),
          CONSTRAINT protection_measures_proposal_check
            CHECK ((proposed_act IS NULL) = (proposed_by IS NULL))
        )
    """)
    tenantize("registry.protection_measures", "SELECT, INSERT, UPDATE")
    op.execute("""
        CREATE INDEX protection_measures_open ON registry.protection_measures (tenant_id, id)
        WHERE state <> 'released'
    """)
    op.execute("""
        CREATE TABLE registry.protection_steps (
          tenant_id integer NOT NULL,
          id uuid NOT NULL DEFAULT uuidv7(),
          measure_id uuid NOT NULL,
          act text NOT NULL,
          taken_by text NOT NULL,
          proposed_by text,
          taken_at timestamptz NOT NULL,
          reason_sealed bytea,
          PRIMARY KEY (tenant_id, id),
          FOREIGN KEY (tenant_id, measure_id)
            REFERENCES registry.protection_measures (tenant_id, id),
          CONSTRAINT protection_steps_four_eyes_check
            CHECK (act NOT IN ('grant', 'release') OR
              (proposed_by IS NOT NULL AND proposed_by <> taken_by))
        )
    """)
    tenantize("registry.protection_steps", "SELECT, INSERT")
    op.execute(
        "CREATE INDEX protection_steps_of_measure"
        " ON registry.protection_steps (tenant_id, measure_id, id)"
    )


def _persons() -> None:
    op.execute("""
        CREATE TABLE registry.protected_persons (
          tenant_id integer NOT NULL,
          measure_id uuid NOT NULL,
          resident_id uuid NOT NULL,
          part text NOT NULL CHECK (part IN ('applicant', 'accompanying')),
          relation_sealed bytea,
          PRIMARY KEY (tenant_id, measure_id, resident_id),
          FOREIGN KEY (tenant_id, measure_id)
            REFERENCES registry.protection_measures (tenant_id, id),
          FOREIGN KEY (tenant_id, resident_id) REFERENCES registry.residents (tenant_id, id)
        )
    """)
    tenantize("registry.protected_persons", "SELECT, INSERT")
    op.execute(
        "CREATE INDEX protected_persons_of_resident"
        " ON registry.protected_persons (tenant_id, resident_id)"
    )


def _perpetrators() -> None:
    op.execute("""
        CREATE TABLE registry.protection_perpetrators (
          tenant_id integer NOT NULL,
          measure_id uuid NOT NULL,
          place integer NOT NULL CHECK (place > 0),
          resident_id uuid,
          details_sealed bytea NOT NULL,
          PRIMARY KEY (tenant_id, measure_id, place),
          FOREIGN KEY (tenant_id, measure_id)
            REFERENCES registry.protection_measures (tenant_id, id),
          FOREIGN KEY (tenant_id, resident_id) REFERENCES registry.residents (tenant_id, id)
        )
    """)
    tenantize("registry.protection_perpetrators", "SELECT, INSERT")
    op.execute(
        "CREATE INDEX protection_perpetrators_of_resident"
        " ON registry.protection_perpetrators (tenant_id, resident_id)"
    )


def _openings() -> None:
    op.execute("""
        CREATE TABLE registry.address_openings (
          tenant_id integer NOT NULL,
          id uuid NOT NULL DEFAULT uuidv7(),
          resident_id uuid NOT NULL,
          state text NOT NULL
            CHECK (state IN ('requested', 'approved', 'declined', 'viewed', 'lapsed')),
          purpose text NOT NULL,
          ground text NOT NULL,
          reason_sealed bytea NOT NULL,
          requested_by text NOT NULL,
          requested_at timestamptz NOT NULL,
          until timestamptz NOT NULL,
          decided_by text,
          decided_at timestamptz,
          viewed_at timestamptz,
          version integer NOT NULL DEFAULT 1,
          PRIMARY KEY (tenant_id, id),
          FOREIGN KEY (tenant_id, resident_id) REFERENCES registry.residents (tenant_id, id),
          CONSTRAINT address_openings_four_eyes_check CHECK (decided_by <> requested_by),
          CONSTRAINT address_openings_decided_check CHECK (
            state NOT IN ('approved', 'declined', 'viewed') OR decided_by IS NOT NULL),
          CONSTRAINT address_openings_viewed_check
            CHECK ((state = 'viewed') = (viewed_at IS NOT NULL))
        )
    """)
    tenantize("registry.address_openings", "SELECT, INSERT, UPDATE")
    op.execute("""
        CREATE INDEX address_openings_waiting ON registry.address_openings (tenant_id, id)
        WHERE state IN ('requested', 'approved')
    """)


def _alerts() -> None:
    op.execute("""
        CREATE TABLE registry.protection_alerts (
          tenant_id integer NOT NULL,
          id uuid NOT NULL DEFAULT uuidv7(),
          kind text NOT NULL,
          measure_id uuid,
          resident_id uuid,
          opening_id uuid,
          actor text NOT NULL,
          action text NOT NULL,
          times integer NOT NULL DEFAULT 1 CHECK (times > 0),
          raised_at timestamptz NOT NULL,
          last_at timestamptz NOT NULL,
          seen_by text,
          seen_at timestamptz,
          version integer NOT NULL DEFAULT 1,
          PRIMARY KEY (tenant_id, id),
          CONSTRAINT protection_alerts_seen_check CHECK ((seen_by IS NULL) = (seen_at IS NULL))
        )
    """)
    tenantize("registry.protection_alerts", "SELECT, INSERT, UPDATE")
    op.execute("""
        CREATE INDEX protection_alerts_unseen ON registry.protection_alerts (tenant_id, id)
        WHERE seen_by IS NULL
    """)


def _register() -> None:
    # Whom the register's file had under protection before there were measures gets one each.
    op.execute(
        f"{_SMALL}CREATE INDEX residents_under_protection ON registry.residents (tenant_id, id)"
        " WHERE protection <> ''"
    )
    op.execute("GRANT DELETE ON registry.protected_addresses TO registry_app")
    op.execute("""
        WITH opened AS (
          INSERT INTO registry.protection_measures (tenant_id, id, origin, state, applied_on,
            caretaker, office_work, opened_by, opened_at, changed_at)
          SELECT tenant_id, id, 'register', 'provisional', current_date, '', '{}', 'operations',
                 now(), now()
          FROM registry.residents WHERE protection <> ''
          RETURNING tenant_id, id
        )
        INSERT INTO registry.protected_persons (tenant_id, measure_id, resident_id, part)
        SELECT tenant_id, id, id, 'applicant' FROM opened
    """)


def _bars() -> None:
    # Nobody may represent whoever is protected from them: the platform is told that pair of
    # records, while the measure stands, and nothing else of it.
    op.execute("""
        CREATE VIEW registry.platform_protections WITH (security_invoker = true) AS
        SELECT p.tenant_id, p.resident_id AS represented_id, x.resident_id AS barred_id
        FROM registry.protected_persons p
        JOIN registry.protection_perpetrators x
          ON x.tenant_id = p.tenant_id AND x.measure_id = p.measure_id
        JOIN registry.protection_measures m
          ON m.tenant_id = p.tenant_id AND m.id = p.measure_id
        WHERE m.state <> 'released' AND x.resident_id IS NOT NULL
    """)
    op.execute("GRANT SELECT ON registry.platform_protections TO platform_app")
    op.execute(
        "GRANT SELECT (tenant_id, measure_id, resident_id)"
        " ON registry.protected_persons, registry.protection_perpetrators TO platform_app"
    )
    op.execute(
        "GRANT SELECT (tenant_id, id, state) ON registry.protection_measures TO platform_app"
    )

"""The base register: households, residents, what they were before, and what other services see.

A protected person's address is in one sealed table and nowhere else; the views never join it.
"""

from alembic import op

from migrations.tenancy import create_service_tables, tenantize

revision = "registry_register"
down_revision = None
branch_labels = ("registry",)
depends_on = None


def upgrade() -> None:
    _households()
    _residents()
    _resident_history()
    _protected_addresses()
    _imports()
    _staging()
    _views()
    create_service_tables("registry")


def _households() -> None:
    op.execute("""
        CREATE TABLE registry.households (
          tenant_id integer NOT NULL,
          id uuid NOT NULL DEFAULT uuidv7(),
          household_number text NOT NULL,
          version integer NOT NULL DEFAULT 1,
          PRIMARY KEY (tenant_id, id),
          UNIQUE (tenant_id, household_number)
        )
    """)
    tenantize("registry.households", "SELECT, INSERT, UPDATE")


_PERSON = """
          household_id uuid NOT NULL,
          relationship text NOT NULL,
          is_householder boolean NOT NULL,
          name_formal text NOT NULL,
          name_display text NOT NULL,
          name_kana text NOT NULL,
          name_kana_verified boolean NOT NULL,
          alias text NOT NULL DEFAULT '',
          name_latin text NOT NULL DEFAULT '',
          birth_text text NOT NULL,
          birth_on date NOT NULL,
          birth_precision text NOT NULL
            CHECK (birth_precision IN ('day', 'month', 'year', 'unknown')),
          gender text NOT NULL CHECK (gender IN ('1', '2', '9')),
          nationality_kind text NOT NULL CHECK (nationality_kind IN ('japanese', 'foreign')),
          postal_code text NOT NULL DEFAULT '',
          address text NOT NULL DEFAULT '',
          resident_from date NOT NULL,
          resident_until date,
          tax_status text NOT NULL
            CHECK (tax_status IN ('exempt', 'per_capita_only', 'taxed', 'unknown')),
          protection text NOT NULL DEFAULT '' CHECK (protection IN ('', 'dv')),
"""


def _residents() -> None:
    # The address of a protected person cannot be written here, whatever the code above says.
    op.execute(f"""
        CREATE TABLE registry.residents (
          tenant_id integer NOT NULL,
          id uuid NOT NULL DEFAULT uuidv7(),
          resident_number text NOT NULL,
          history_number integer NOT NULL DEFAULT 1 CHECK (history_number > 0),
          {_PERSON}
          name_search text COLLATE "C" NOT NULL,
          kana_search text COLLATE "C" NOT NULL,
          content_digest bytea NOT NULL,
          changed_at timestamptz NOT NULL DEFAULT now(),
          version integer NOT NULL DEFAULT 1,
          PRIMARY KEY (tenant_id, id),
          UNIQUE (tenant_id, resident_number),
          FOREIGN KEY (tenant_id, household_id) REFERENCES registry.households (tenant_id, id),
          CONSTRAINT residents_sealed_check
            CHECK (protection = '' OR (address = '' AND postal_code = '')),
          CHECK (resident_until >= resident_from)
        )
    """)
    tenantize("registry.residents", "SELECT, INSERT, UPDATE")
    for column in ("name_search", "kana_search", "birth_on"):
        op.execute(
            f"CREATE INDEX residents_by_{column} ON registry.residents (tenant_id, {column}, id)"
        )
    op.execute("""
        CREATE INDEX residents_of_household ON registry.residents (tenant_id, household_id)
        INCLUDE (is_householder, tax_status)
    """)


def _resident_history() -> None:
    op.execute(f"""
        CREATE TABLE registry.resident_history (
          tenant_id integer NOT NULL,
          resident_number text NOT NULL,
          history_number integer NOT NULL CHECK (history_number > 0),
          resident_id uuid NOT NULL,
          {_PERSON}
          postal_code_sealed bytea,
          address_sealed bytea,
          superseded_at timestamptz NOT NULL DEFAULT now(),
          PRIMARY KEY (tenant_id, resident_number, history_number),
          CONSTRAINT resident_history_sealed_check
            CHECK (protection = '' OR (address = '' AND postal_code = ''))
        )
    """)
    # What somebody was is never rewritten, but where they lived is sealed once they are protected.
    tenantize(
        "registry.resident_history",
        "SELECT, INSERT, UPDATE (postal_code, address, postal_code_sealed, address_sealed)",
    )


def _protected_addresses() -> None:
    op.execute("""
        CREATE TABLE registry.protected_addresses (
          tenant_id integer NOT NULL,
          resident_id uuid NOT NULL,
          postal_code_sealed bytea NOT NULL,
          address_sealed bytea NOT NULL,
          changed_at timestamptz NOT NULL DEFAULT now(),
          PRIMARY KEY (tenant_id, resident_id),
          FOREIGN KEY (tenant_id, resident_id) REFERENCES registry.residents (tenant_id, id)
        )
    """)
    tenantize("registry.protected_addresses", "SELECT, INSERT, UPDATE")


def _imports() -> None:
    op.execute("""
        CREATE TABLE registry.imports (
          tenant_id integer NOT NULL,
          id uuid NOT NULL DEFAULT uuidv7(),
          digest bytea NOT NULL,
          state text NOT NULL
            CHECK (state IN ('received', 'checked', 'confirmed', 'discarded')),
          report jsonb NOT NULL DEFAULT '{}',
          created_by text NOT NULL,
          created_at timestamptz NOT NULL DEFAULT now(),
          confirmed_by text,
          confirmed_at timestamptz,
          version integer NOT NULL DEFAULT 1,
          PRIMARY KEY (tenant_id, id)
        )
    """)
    tenantize("registry.imports", "SELECT, INSERT, UPDATE")
    op.execute("CREATE INDEX imports_by_digest ON registry.imports (tenant_id, digest)")


def _views() -> None:
    _view(
        "benefits_residents",
        "benefits_app",
        "tenant_id, id AS resident_id, household_id, name_display, name_kana, birth_on,"
        " relationship, is_householder, tax_status, resident_from, resident_until,"
        " protection <> '' AS protected",
        "tenant_id, id, household_id, name_display, name_kana, birth_on, relationship,"
        " is_householder, tax_status, resident_from, resident_until, protection",
    )
    for service in ("window", "consultation"):
        _view(
            f"{service}_residents",
            "window_dx_app" if service == "window" else "consultation_app",
            "tenant_id, id AS resident_id, household_id, name_display, name_kana, birth_on,"
            " protection <> '' AS protected",
            "tenant_id, id, household_id, name_display, name_kana, birth_on, protection",
        )
    # A household's head and size are facts of its members, so nothing can disagree with them.
    op.execute("""
        CREATE VIEW registry.benefits_households WITH (security_invoker = true) AS
        SELECT tenant_id, household_id,
               (array_agg(id) FILTER (WHERE is_householder AND resident_until IS NULL))[1]
                 AS householder_id,
               count(*) FILTER (WHERE resident_until IS NULL) AS member_count
        FROM registry.residents GROUP BY tenant_id, household_id
    """)
    op.execute("GRANT SELECT ON registry.benefits_households TO benefits_app")


def _view(name: str, reader: str, shown: str, needed: str) -> None:
    """Publish a view with the rights of who asks, and grant that role the columns it needs."""
    op.execute(
        f"CREATE VIEW registry.{name} WITH (security_invoker = true) AS"
        f" SELECT {shown} FROM registry.residents"
    )
    op.execute(f"GRANT SELECT ON registry.{name} TO {reader}")
    op.execute(f"GRANT SELECT ({needed}) ON registry.residents TO {reader}")


def _staging() -> None:
    # The good rows of a file, until somebody confirms or discards them. A tenant's table like any
    # other: rows come through row security, in batches, because COPY is refused under it.
    op.execute(f"""
        CREATE UNLOGGED TABLE registry.staging_rows (
          tenant_id integer NOT NULL,
          import_id uuid NOT NULL,
          line integer NOT NULL,
          faulty boolean NOT NULL DEFAULT false,
          new_resident_id uuid NOT NULL,
          new_household_id uuid NOT NULL,
          household_number text NOT NULL,
          resident_number text NOT NULL,
          {_PERSON.replace("household_id uuid NOT NULL,", "")}
          postal_code_sealed bytea,
          address_sealed bytea,
          name_search text NOT NULL,
          kana_search text NOT NULL,
          content_digest bytea NOT NULL,
          PRIMARY KEY (tenant_id, import_id, line)
        )
    """)
    tenantize("registry.staging_rows")
    for column in ("resident_number", "household_number"):
        op.execute(f"""
            CREATE INDEX staging_rows_by_{column}
              ON registry.staging_rows (tenant_id, import_id, {column})
        """)

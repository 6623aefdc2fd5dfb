"""The ground: whose rows a session may touch, and the directory of every municipality."""

from alembic import op

revision = "platform_ground"
down_revision = None
branch_labels = ("platform",)
depends_on = None


def upgrade() -> None:
    _tenant_context()
    _tenantize()
    _directory()


def _tenant_context() -> None:
    # The one place that knows how the context is carried. Unset is an error (42704), and so is
    # the empty string that remains after a transaction (22P02): silence would be an answer.
    op.execute("""
        CREATE FUNCTION platform.tenant() RETURNS integer
        LANGUAGE sql STABLE PARALLEL SAFE
        RETURN pg_catalog.current_setting('app.tenant_id')::integer
    """)


def _tenantize() -> None:
    # Takes text, not regclass: on Citus the table's OID changes when it is distributed, which
    # must happen before anything refers to it. Runs as the caller, who owns the table.
    op.execute("""
        CREATE FUNCTION platform.tenantize(target text, privileges text) RETURNS void
        LANGUAGE plpgsql AS $body$
        BEGIN
          IF EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'citus') THEN
            PERFORM create_distributed_table(target, 'tenant_id');
          END IF;
          EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
          EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
          EXECUTE format('CREATE POLICY tenant ON %s USING (tenant_id = platform.tenant())'
                         ' WITH CHECK (tenant_id = platform.tenant())', target);
          EXECUTE format('GRANT %s ON %s TO %I', privileges, target,
                         split_part(target, '.', 1) || '_app');
        END
        $body$
    """)


def _directory() -> None:
    op.execute("""
        CREATE TABLE platform.tenants (
          tenant_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
          kind text NOT NULL CHECK (kind IN ('nation', 'prefecture', 'municipality')),
          name text NOT NULL,
          name_kana text NOT NULL,
          prefecture_name text NOT NULL,
          parent_tenant_id integer REFERENCES platform.tenants (tenant_id),
          corporate_number text UNIQUE,
          status text NOT NULL DEFAULT 'listed' CHECK (status IN ('listed', 'trial', 'live'))
        )
    """)
    op.execute("CREATE INDEX tenants_parent ON platform.tenants (parent_tenant_id)")
    # A code is an attribute with dates: a town that becomes a city, or merges, gets a new one.
    op.execute("""
        CREATE TABLE platform.tenant_codes (
          municipality_code text NOT NULL CHECK (municipality_code ~ '^[0-9]{6}$'),
          valid_from date NOT NULL,
          valid_until date CHECK (valid_until > valid_from),
          tenant_id integer NOT NULL REFERENCES platform.tenants (tenant_id),
          PRIMARY KEY (municipality_code, valid_from)
        )
    """)
    op.execute("CREATE INDEX tenant_codes_tenant ON platform.tenant_codes (tenant_id)")
    # Names and codes are public; every role may read them, and only the owner writes.
    op.execute(
        "GRANT SELECT ON platform.tenants, platform.tenant_codes "
        "TO platform_app, registry_app, benefits_app, window_dx_app, consultation_app"
    )

"""Applications made with a signature keep what was signed; a programme may ask for it."""

from alembic import op

from migrations.tenancy import tenantize

revision = "benefits_signatures"
down_revision = "benefits_rooms"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE benefits.programmes"
        " ADD COLUMN signature_required boolean NOT NULL DEFAULT false"
    )
    # One signature stands under one application: it is used up by the key.
    op.execute("""
        CREATE TABLE benefits.application_signatures (
          tenant_id integer NOT NULL,
          signature_id uuid NOT NULL,
          programme_id uuid NOT NULL,
          household_id uuid NOT NULL,
          document_digest bytea NOT NULL
            CONSTRAINT application_signatures_document_digest_check
            CHECK (octet_length(document_digest) = 32),
          document_sealed bytea NOT NULL,
          holder_match text NOT NULL,
          signed_at timestamptz NOT NULL,
          verified_at timestamptz NOT NULL,
          kept_at timestamptz NOT NULL,
          PRIMARY KEY (tenant_id, signature_id),
          FOREIGN KEY (tenant_id, programme_id, household_id)
            REFERENCES benefits.applications (tenant_id, programme_id, household_id)
        )
    """)
    tenantize("benefits.application_signatures", "SELECT, INSERT")
    op.execute("""
        CREATE INDEX application_signatures_of_application
          ON benefits.application_signatures (tenant_id, programme_id, household_id, kept_at)
    """)

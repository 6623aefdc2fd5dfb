"""Cases, their members and what was recorded: names and texts sealed, records only added to."""

from alembic import op

from migrations.tenancy import create_service_tables, tenantize

revision = "consultation_cases"
down_revision = None
branch_labels = ("consultation",)
depends_on = None

_ADD_ONLY = "SELECT, INSERT"
_ADD_AND_CHANGE = "SELECT, INSERT, UPDATE"


def upgrade() -> None:
    _cases()
    _members()
    _progress_records()
    create_service_tables("consultation")


def _cases() -> None:
    # A resident's name is the register's. Only somebody who is in no register is named here.
    op.execute("""
        CREATE TABLE consultation.cases (
          tenant_id integer NOT NULL,
          id uuid NOT NULL,
          theme text NOT NULL CONSTRAINT cases_theme_check CHECK (theme ~ '^[a-z_]{1,40}$'),
          confidentiality text NOT NULL CONSTRAINT cases_confidentiality_check
            CHECK (confidentiality IN ('ordinary', 'sensitive', 'strict')),
          resident_id uuid,
          consultee_name_sealed bytea,
          consultee_contact_sealed bytea,
          state text NOT NULL CONSTRAINT cases_state_check
            CHECK (state IN ('opened', 'active', 'closed', 'reopened')),
          opened_by text NOT NULL,
          opened_at timestamptz NOT NULL,
          version integer NOT NULL,
          PRIMARY KEY (tenant_id, id),
          CONSTRAINT cases_consultee_check CHECK (
            resident_id IS NULL OR
            (consultee_name_sealed IS NULL AND consultee_contact_sealed IS NULL))
        )
    """)
    tenantize("consultation.cases", _ADD_AND_CHANGE)


def _members() -> None:
    op.execute("""
        CREATE TABLE consultation.case_members (
          tenant_id integer NOT NULL,
          case_id uuid NOT NULL,
          subject text NOT NULL,
          role text NOT NULL CONSTRAINT case_members_role_check
            CHECK (role IN ('lead', 'worker', 'reader')),
          since timestamptz NOT NULL,
          PRIMARY KEY (tenant_id, case_id, subject),
          FOREIGN KEY (tenant_id, case_id) REFERENCES consultation.cases (tenant_id, id)
        )
    """)
    tenantize("consultation.case_members")
    op.execute("""
        CREATE UNIQUE INDEX case_members_one_lead ON consultation.case_members
          (tenant_id, case_id) WHERE role = 'lead'
    """)
    op.execute("""
        CREATE INDEX case_members_of_official ON consultation.case_members
          (tenant_id, subject, case_id)
    """)


def _progress_records() -> None:
    # A correction points at a record of the same case, and at one that no other points at.
    op.execute("""
        CREATE TABLE consultation.progress_records (
          tenant_id integer NOT NULL,
          case_id uuid NOT NULL,
          id uuid NOT NULL,
          kind text NOT NULL CONSTRAINT progress_records_kind_check
            CHECK (kind IN ('visit', 'phone', 'office', 'meeting')),
          occurred_at timestamptz NOT NULL,
          text_sealed bytea NOT NULL,
          recorded_by text NOT NULL,
          recorded_at timestamptz NOT NULL,
          corrects_id uuid,
          PRIMARY KEY (tenant_id, case_id, id),
          UNIQUE (tenant_id, case_id, corrects_id),
          FOREIGN KEY (tenant_id, case_id) REFERENCES consultation.cases (tenant_id, id),
          FOREIGN KEY (tenant_id, case_id, corrects_id)
            REFERENCES consultation.progress_records (tenant_id, case_id, id),
          CONSTRAINT progress_records_corrects_check CHECK (corrects_id <> id)
        )
    """)
    tenantize("consultation.progress_records", _ADD_ONLY)
    op.execute("""
        CREATE INDEX progress_records_in_time ON consultation.progress_records
          (tenant_id, case_id, occurred_at, id)
    """)

"""The benefits service: programmes, applications, decisions, and money that moves once.

What may never be undone is not granted: decisions, proposal lines, transfer files and their
downloads can only be added; of a proposal only its progress can change, never its proposer, its
figures or its fingerprint.
"""

from alembic import op

from migrations.tenancy import create_service_tables, tenantize

revision = "benefits_rooms"
down_revision = None
branch_labels = ("benefits",)
depends_on = None

_ADD_ONLY = "SELECT, INSERT"


def upgrade() -> None:
    _bank_lists()
    _programmes()
    _applications()
    _bank_accounts()
    _assessments()
    _payers()
    _proposals()
    _transfers()
    _files()
    create_service_tables("benefits")


def _bank_lists() -> None:
    # The national lists belong to no municipality: read by all, written by operations.
    op.execute("""
        CREATE TABLE benefits.banks (
          bank_code text PRIMARY KEY,
          name text NOT NULL,
          kana text NOT NULL
        )
    """)
    op.execute("""
        CREATE TABLE benefits.bank_branches (
          bank_code text NOT NULL REFERENCES benefits.banks (bank_code),
          branch_code text NOT NULL,
          name text NOT NULL,
          kana text NOT NULL,
          PRIMARY KEY (bank_code, branch_code)
        )
    """)
    op.execute("GRANT SELECT ON benefits.banks, benefits.bank_branches TO benefits_app")


def _programmes() -> None:
    op.execute("""
        CREATE TABLE benefits.programmes (
          tenant_id integer NOT NULL,
          id uuid NOT NULL DEFAULT uuidv7(),
          code text NOT NULL,
          name text NOT NULL,
          legal_ground text NOT NULL,
          fiscal_year integer NOT NULL,
          amount_per_household_yen bigint NOT NULL
            CONSTRAINT programmes_amount_check CHECK (amount_per_household_yen > 0),
          reference_on date NOT NULL,
          condition text NOT NULL,
          application_from date NOT NULL,
          application_until date NOT NULL,
          seizure_ban boolean NOT NULL,
          tax_free boolean NOT NULL,
          state text NOT NULL
            CONSTRAINT programmes_state_check CHECK (state IN ('draft', 'published', 'closed')),
          version integer NOT NULL DEFAULT 1,
          PRIMARY KEY (tenant_id, id),
          UNIQUE (tenant_id, code),
          CONSTRAINT programmes_period_check CHECK (application_until >= application_from)
        )
    """)
    tenantize("benefits.programmes", "SELECT, INSERT, UPDATE")


def _applications() -> None:
    # No volatile default: a roster is one INSERT … SELECT that Citus can send to the shards.
    op.execute("""
        CREATE TABLE benefits.applications (
          tenant_id integer NOT NULL,
          programme_id uuid NOT NULL,
          household_id uuid NOT NULL,
          id uuid GENERATED ALWAYS AS (
            overlay(overlay(md5(programme_id::text || household_id::text)
              placing '8' from 13) placing '8' from 17)::uuid) STORED NOT NULL,
          beneficiary_id uuid NOT NULL,
          member_ids uuid[] NOT NULL
            CONSTRAINT applications_members_check CHECK (cardinality(member_ids) > 0),
          condition text NOT NULL,
          rule_version integer NOT NULL,
          reference_on date NOT NULL,
          fiscal_year integer NOT NULL,
          amount_yen bigint NOT NULL
            CONSTRAINT applications_amount_check CHECK (amount_yen > 0),
          state text NOT NULL
            CONSTRAINT applications_state_check CHECK (state IN (
              'offered', 'declined', 'confirmed', 'returned', 'granted', 'refused',
              'in_transfer', 'paid')),
          bank_account_id uuid,
          offered_at timestamptz NOT NULL,
          changed_at timestamptz NOT NULL,
          version integer NOT NULL,
          PRIMARY KEY (tenant_id, programme_id, household_id),
          FOREIGN KEY (tenant_id, programme_id) REFERENCES benefits.programmes (tenant_id, id),
          CONSTRAINT applications_account_check
            CHECK (bank_account_id IS NOT NULL OR state IN ('offered', 'declined'))
        )
    """)
    tenantize(
        "benefits.applications",
        "SELECT, INSERT, UPDATE (state, bank_account_id, changed_at, version)",
    )
    op.execute("CREATE UNIQUE INDEX applications_address ON benefits.applications (tenant_id, id)")
    # Lists and progress walk this index or the primary key. A state changes five times in the life
    # of an application and every index is written each time, so there are no others for them.
    op.execute("""
        CREATE INDEX applications_by_state
          ON benefits.applications (tenant_id, state, programme_id, household_id)
          INCLUDE (amount_yen)
    """)
    op.execute("""
        CREATE INDEX applications_of_beneficiary
          ON benefits.applications (tenant_id, beneficiary_id)
    """)


def _bank_accounts() -> None:
    op.execute("""
        CREATE TABLE benefits.bank_accounts (
          tenant_id integer NOT NULL,
          id uuid NOT NULL DEFAULT uuidv7(),
          programme_id uuid NOT NULL,
          household_id uuid NOT NULL,
          bank_code text NOT NULL
            CONSTRAINT bank_accounts_bank_code_check CHECK (bank_code ~ '^[0-9]{4}$'),
          branch_code text NOT NULL
            CONSTRAINT bank_accounts_branch_code_check CHECK (branch_code ~ '^[0-9]{3}$'),
          account_type text NOT NULL CONSTRAINT bank_accounts_account_type_check
            CHECK (account_type IN ('ordinary', 'current', 'savings', 'other')),
          account_number_sealed bytea NOT NULL,
          holder_sealed bytea NOT NULL,
          account_index bytea NOT NULL CONSTRAINT bank_accounts_account_index_check
            CHECK (octet_length(account_index) = 16),
          payee_digest bytea NOT NULL CONSTRAINT bank_accounts_payee_digest_check
            CHECK (octet_length(payee_digest) = 16),
          registered_by text NOT NULL,
          registered_at timestamptz NOT NULL,
          PRIMARY KEY (tenant_id, id),
          FOREIGN KEY (tenant_id, programme_id, household_id)
            REFERENCES benefits.applications (tenant_id, programme_id, household_id)
        )
    """)
    tenantize("benefits.bank_accounts", _ADD_ONLY)
    op.execute("""
        CREATE INDEX bank_accounts_same_account
          ON benefits.bank_accounts (tenant_id, account_index)
    """)
    op.execute("""
        CREATE INDEX bank_accounts_of_application
          ON benefits.bank_accounts (tenant_id, programme_id, household_id)
    """)
    op.execute("""
        ALTER TABLE benefits.applications ADD FOREIGN KEY (tenant_id, bank_account_id)
          REFERENCES benefits.bank_accounts (tenant_id, id)
    """)


def _assessments() -> None:
    op.execute("""
        CREATE TABLE benefits.decisions (
          tenant_id integer NOT NULL,
          id uuid NOT NULL DEFAULT uuidv7(),
          programme_id uuid NOT NULL,
          household_id uuid NOT NULL,
          decision text NOT NULL
            CONSTRAINT decisions_decision_check CHECK (decision IN ('granted', 'refused')),
          reason text NOT NULL CONSTRAINT decisions_reason_check CHECK (length(reason) > 0),
          decided_by text NOT NULL,
          decided_at timestamptz NOT NULL,
          PRIMARY KEY (tenant_id, id),
          UNIQUE (tenant_id, programme_id, household_id),
          FOREIGN KEY (tenant_id, programme_id, household_id)
            REFERENCES benefits.applications (tenant_id, programme_id, household_id)
        )
    """)
    tenantize("benefits.decisions", _ADD_ONLY)
    op.execute("""
        CREATE TABLE benefits.correction_requests (
          tenant_id integer NOT NULL,
          id uuid NOT NULL DEFAULT uuidv7(),
          programme_id uuid NOT NULL,
          household_id uuid NOT NULL,
          reason text NOT NULL
            CONSTRAINT correction_requests_reason_check CHECK (length(reason) > 0),
          requested_by text NOT NULL,
          requested_at timestamptz NOT NULL,
          PRIMARY KEY (tenant_id, id),
          FOREIGN KEY (tenant_id, programme_id, household_id)
            REFERENCES benefits.applications (tenant_id, programme_id, household_id)
        )
    """)
    tenantize("benefits.correction_requests", _ADD_ONLY)
    op.execute("""
        CREATE INDEX correction_requests_of_application
          ON benefits.correction_requests (tenant_id, programme_id, household_id, id)
    """)


def _payers() -> None:
    op.execute("""
        CREATE TABLE benefits.payers (
          tenant_id integer NOT NULL PRIMARY KEY,
          originator_code text NOT NULL CONSTRAINT payers_originator_code_check
            CHECK (originator_code ~ '^[0-9]{10}$'),
          bank_code text NOT NULL,
          branch_code text NOT NULL,
          account_type text NOT NULL,
          account_number_sealed bytea NOT NULL,
          holder text NOT NULL,
          changed_by text NOT NULL,
          changed_at timestamptz NOT NULL,
          version integer NOT NULL
        )
    """)
    tenantize("benefits.payers", "SELECT, INSERT, UPDATE")


def _proposals() -> None:
    op.execute("""
        CREATE TABLE benefits.transfer_proposals (
          tenant_id integer NOT NULL,
          id uuid NOT NULL DEFAULT uuidv7(),
          programme_id uuid NOT NULL,
          transfer_on date NOT NULL,
          state text NOT NULL CONSTRAINT transfer_proposals_state_check CHECK (state IN (
            'proposed', 'rejected', 'voided', 'approved', 'sealed', 'settled')),
          line_count bigint NOT NULL,
          total_yen bigint NOT NULL,
          fingerprint bytea NOT NULL CONSTRAINT transfer_proposals_fingerprint_check
            CHECK (octet_length(fingerprint) = 32),
          proposed_by text NOT NULL,
          proposed_at timestamptz NOT NULL,
          approved_by text,
          approved_at timestamptz,
          closed_by text,
          closing_reason text,
          settled_by text,
          executed_on date,
          version integer NOT NULL,
          PRIMARY KEY (tenant_id, id),
          FOREIGN KEY (tenant_id, programme_id) REFERENCES benefits.programmes (tenant_id, id),
          CONSTRAINT transfer_proposals_four_eyes_check CHECK (approved_by <> proposed_by),
          CONSTRAINT transfer_proposals_approved_check CHECK (
            (state IN ('approved', 'sealed', 'settled')) = (approved_by IS NOT NULL)),
          CONSTRAINT transfer_proposals_settled_check CHECK (
            (state = 'settled') = (settled_by IS NOT NULL)),
          CONSTRAINT transfer_proposals_figures_check CHECK (line_count > 0 AND total_yen > 0)
        )
    """)
    tenantize(
        "benefits.transfer_proposals",
        "SELECT, INSERT, UPDATE (state, approved_by, approved_at, closed_by, closing_reason,"
        " settled_by, executed_on, version)",
    )
    # While one proposal awaits the treasurer, the same money cannot be proposed a second time.
    op.execute("""
        CREATE UNIQUE INDEX transfer_proposals_one_open
          ON benefits.transfer_proposals (tenant_id, programme_id) WHERE state = 'proposed'
    """)
    op.execute("""
        CREATE TABLE benefits.transfer_proposal_lines (
          tenant_id integer NOT NULL,
          proposal_id uuid NOT NULL,
          line_number integer NOT NULL,
          programme_id uuid NOT NULL,
          household_id uuid NOT NULL,
          bank_account_id uuid NOT NULL,
          amount_yen bigint NOT NULL
            CONSTRAINT transfer_proposal_lines_amount_check CHECK (amount_yen > 0),
          PRIMARY KEY (tenant_id, proposal_id, line_number),
          CONSTRAINT transfer_proposal_lines_household_key
            UNIQUE (tenant_id, proposal_id, programme_id, household_id),
          FOREIGN KEY (tenant_id, proposal_id)
            REFERENCES benefits.transfer_proposals (tenant_id, id),
          FOREIGN KEY (tenant_id, programme_id, household_id)
            REFERENCES benefits.applications (tenant_id, programme_id, household_id),
          FOREIGN KEY (tenant_id, bank_account_id) REFERENCES benefits.bank_accounts (tenant_id, id)
        )
    """)
    tenantize("benefits.transfer_proposal_lines", _ADD_ONLY)


def _transfers() -> None:
    # The primary key is the promise that money moves once; no role of the service can delete.
    op.execute("""
        CREATE TABLE benefits.transfers (
          tenant_id integer NOT NULL,
          programme_id uuid NOT NULL,
          household_id uuid NOT NULL,
          proposal_id uuid NOT NULL,
          bank_account_id uuid NOT NULL,
          amount_yen bigint NOT NULL CONSTRAINT transfers_amount_check CHECK (amount_yen > 0),
          state text NOT NULL
            CONSTRAINT transfers_state_check CHECK (state IN ('in_transfer', 'paid')),
          PRIMARY KEY (tenant_id, programme_id, household_id),
          FOREIGN KEY (tenant_id, proposal_id)
            REFERENCES benefits.transfer_proposals (tenant_id, id),
          FOREIGN KEY (tenant_id, programme_id, household_id)
            REFERENCES benefits.applications (tenant_id, programme_id, household_id),
          FOREIGN KEY (tenant_id, bank_account_id) REFERENCES benefits.bank_accounts (tenant_id, id)
        )
    """)
    tenantize("benefits.transfers", "SELECT, INSERT, UPDATE (state)")
    op.execute("""
        CREATE INDEX transfers_of_proposal ON benefits.transfers (tenant_id, proposal_id)
    """)


def _files() -> None:
    op.execute("""
        CREATE TABLE benefits.transfer_files (
          tenant_id integer NOT NULL,
          proposal_id uuid NOT NULL,
          content_sealed bytea NOT NULL,
          sha256 bytea NOT NULL
            CONSTRAINT transfer_files_sha256_check CHECK (octet_length(sha256) = 32),
          record_count bigint NOT NULL,
          total_yen bigint NOT NULL,
          sealed_at timestamptz NOT NULL,
          PRIMARY KEY (tenant_id, proposal_id),
          FOREIGN KEY (tenant_id, proposal_id)
            REFERENCES benefits.transfer_proposals (tenant_id, id),
          CONSTRAINT transfer_files_figures_check CHECK (record_count > 0 AND total_yen > 0)
        )
    """)
    tenantize("benefits.transfer_files", _ADD_ONLY)
    op.execute("""
        CREATE TABLE benefits.transfer_file_downloads (
          tenant_id integer NOT NULL,
          id uuid NOT NULL DEFAULT uuidv7(),
          proposal_id uuid NOT NULL,
          downloaded_by text NOT NULL,
          downloaded_at timestamptz NOT NULL,
          PRIMARY KEY (tenant_id, id),
          FOREIGN KEY (tenant_id, proposal_id)
            REFERENCES benefits.transfer_files (tenant_id, proposal_id)
        )
    """)
    tenantize("benefits.transfer_file_downloads", _ADD_ONLY)
    op.execute("""
        CREATE INDEX transfer_file_downloads_of_file
          ON benefits.transfer_file_downloads (tenant_id, proposal_id)
    """)

"""Signatures: what somebody signed with their card, and the evidence of it."""

from alembic import op

from migrations.tenancy import tenantize

revision = "platform_signatures"
down_revision = "platform_browser"
branch_labels = None
depends_on = None

_SHOWN = (
    "tenant_id, id, state, resident_id, subject, document_digest, holder_match, signed_at,"
    " decided_at"
)


def upgrade() -> None:
    _revocation_lists()
    _signatures()
    _view()


def _revocation_lists() -> None:
    # An authority's list is public and the same for every municipality: kept once, named by its
    # digest, and by every signature that was judged with it. It belongs to no tenant.
    op.execute("""
        CREATE TABLE platform.revocation_lists (
          sha256 bytea PRIMARY KEY CHECK (octet_length(sha256) = 32),
          content bytea NOT NULL,
          kept_at timestamptz NOT NULL
        )
    """)
    op.execute("GRANT SELECT, INSERT ON platform.revocation_lists TO platform_app")


def _signatures() -> None:
    op.execute("""
        CREATE TABLE platform.signatures (
          tenant_id integer NOT NULL,
          id uuid NOT NULL DEFAULT uuidv7(),
          state text NOT NULL CHECK (state IN
            ('requested', 'sent', 'signed', 'verified', 'refused', 'expired')),
          purpose text NOT NULL CHECK (purpose ~ '^[a-z][a-z0-9_.]{0,63}$'),
          statement_sealed bytea NOT NULL,
          document_digest bytea NOT NULL CHECK (octet_length(document_digest) = 32),
          person text NOT NULL,
          subject text NOT NULL,
          client_id text NOT NULL,
          resident_id uuid,
          for_another boolean NOT NULL,
          return_to text NOT NULL,
          client_state text,
          handle_hash bytea NOT NULL,
          state_hash bytea,
          browser_hash bytea,
          issuer text,
          issuer_client_id text,
          sign_transaction_id uuid,
          requested_at timestamptz NOT NULL,
          expires_at timestamptz NOT NULL,
          sent_at timestamptz,
          signed_at timestamptz,
          decided_at timestamptz,
          refusal text,
          holder_match text CHECK (holder_match IN
            ('exact', 'normalised', 'substitutes', 'differs', 'not_compared')),
          presented_sealed bytea,
          evidence_sealed bytea,
          evidence_sha256 bytea CHECK (octet_length(evidence_sha256) = 32),
          crl_sha256 bytea REFERENCES platform.revocation_lists (sha256),
          report jsonb,
          version integer NOT NULL DEFAULT 1,
          PRIMARY KEY (tenant_id, id),
          CHECK ((state = 'refused') = (refusal IS NOT NULL)),
          CHECK ((state IN ('verified', 'refused', 'expired')) = (decided_at IS NOT NULL)),
          CHECK (state <> 'verified' OR (evidence_sealed IS NOT NULL AND crl_sha256 IS NOT NULL
            AND evidence_sha256 IS NOT NULL AND signed_at IS NOT NULL
            AND holder_match IS NOT NULL)),
          CHECK (state <> 'signed' OR presented_sealed IS NOT NULL)
        )
    """)
    op.execute(
        "CREATE UNIQUE INDEX signatures_handle ON platform.signatures (tenant_id, handle_hash)"
    )
    op.execute(
        "CREATE UNIQUE INDEX signatures_state ON platform.signatures (tenant_id, state_hash)"
        " WHERE state_hash IS NOT NULL"
    )
    tenantize("platform.signatures", "SELECT, INSERT, UPDATE")


def _view() -> None:
    # What the benefits service may know of a signature: that it holds, whose it is, over what.
    op.execute("""
        CREATE VIEW platform.benefits_signatures WITH (security_invoker = true) AS
        SELECT tenant_id, id AS signature_id, resident_id, subject, document_digest,
               holder_match, signed_at, decided_at AS verified_at
        FROM platform.signatures WHERE state = 'verified'
    """)
    op.execute("GRANT SELECT ON platform.benefits_signatures TO benefits_app")
    op.execute(f"GRANT SELECT ({_SHOWN}) ON platform.signatures TO benefits_app")

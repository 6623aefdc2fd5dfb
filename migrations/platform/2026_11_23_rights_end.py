"""A right to act for another ends with what it rests on."""

from alembic import op

revision = "platform_rights_end"
down_revision = "platform_revocation_list"
branch_labels = None
depends_on = None

_SMALL = "-- squawk-ignore require-concurrent-index-creation\n"
"""Rights, slips and past bindings are short rows, a few for each person: built in milliseconds."""


def upgrade() -> None:
    _one_mandate_each()
    _live()
    _everybody_somebody_was()
    _last_days()
    _view()


def _one_mandate_each() -> None:
    # What was signed is kept with the right, and one signature stands under one mandate for ever.
    op.execute("ALTER TABLE platform.representations ADD COLUMN signed_document_sealed bytea")
    op.execute("""
        UPDATE platform.representations r SET signature_id = NULL
        WHERE signature_id IS NOT NULL AND EXISTS (
          SELECT FROM platform.representations elder WHERE elder.tenant_id = r.tenant_id
          AND elder.signature_id = r.signature_id AND elder.id < r.id)
    """)
    op.execute(
        f"{_SMALL}CREATE UNIQUE INDEX representations_signature"
        " ON platform.representations (tenant_id, signature_id) WHERE signature_id IS NOT NULL"
    )


def _live() -> None:
    # Until when a token given on the right may be out. The worker sees across municipalities that
    # somewhere one is, and nothing of whose it is.
    op.execute("ALTER TABLE platform.representations ADD COLUMN live_until timestamptz")
    op.execute(
        f"{_SMALL}CREATE INDEX representations_live"
        " ON platform.representations (tenant_id, live_until) WHERE live_until IS NOT NULL"
    )
    op.execute(
        "CREATE POLICY worker ON platform.representations FOR SELECT TO platform_worker"
        " USING (true)"
    )
    op.execute(
        "GRANT SELECT (tenant_id, live_until) ON platform.representations TO platform_worker"
    )


def _everybody_somebody_was() -> None:
    # By which records a sign-in is or was known, and by which sign-ins a record.
    for table, name, columns in (
        ("past_bindings", "subject", "subject"),
        ("counter_slips", "person", "person, id"),
        ("counter_slips", "candidate", "candidate_id"),
        ("counter_slips", "record", "resident_id"),
    ):
        op.execute(
            f"{_SMALL}CREATE INDEX {table}_{name} ON platform.{table} (tenant_id, {columns})"
        )


def _last_days() -> None:
    # The rights that were recorded before each left a job of its own for the day after its last.
    op.execute("""
        INSERT INTO platform.jobs (tenant_id, municipality_code, kind, payload, available_at)
        SELECT r.tenant_id, c.municipality_code, 'platform.representation.expire',
               jsonb_build_object('representation_id', r.id),
               (r.ends_on + 1)::timestamp AT TIME ZONE 'Asia/Tokyo'
        FROM platform.representations r JOIN platform.tenant_codes c
          ON c.tenant_id = r.tenant_id AND c.valid_from <= current_date
         AND (c.valid_until IS NULL OR c.valid_until > current_date)
        WHERE r.ends_on IS NOT NULL AND r.state IN ('requested', 'awaiting_second', 'active')
    """)


def _view() -> None:
    # Benefits sees the signatures that were asked for to be put under an application, and whether
    # somebody made one in another's name. Replacing a view keeps what was granted on it.
    op.execute("""
        CREATE OR REPLACE VIEW platform.benefits_signatures WITH (security_invoker = true) AS
        SELECT tenant_id, id AS signature_id,
               CASE WHEN NOT for_another THEN resident_id END AS resident_id,
               subject, document_digest, holder_match, signed_at, decided_at AS verified_at,
               for_another, CASE WHEN for_another THEN resident_id END AS represented_id
        FROM platform.signatures
        WHERE state = 'verified' AND purpose = 'benefits.application.confirm'
    """)
    op.execute("GRANT SELECT (for_another, purpose) ON platform.signatures TO benefits_app")
    # A view that asks with the rights of who asks leaves the table beside it open. This does not.
    op.execute("""
        CREATE POLICY benefits ON platform.signatures AS RESTRICTIVE FOR SELECT TO benefits_app
        USING (state = 'verified' AND purpose = 'benefits.application.confirm')
    """)

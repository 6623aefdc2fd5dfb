"""Representation: who may act for whom, since when, on what evidence, and until when.

And before that, who somebody is: the record they were bound to, by whom, and what came of it.
"""

from alembic import op

from migrations.tenancy import DML, tenantize

revision = "platform_representation"
down_revision = "platform_staff"
branch_labels = None
depends_on = None

_WIDENED = "-- squawk-ignore ban-drop-constraint\n"
"""A check that is replaced by a wider one takes no promise back."""

_SMALL = "-- squawk-ignore require-concurrent-index-creation\n"
"""One short row for each person who ever signed in: the index is built in milliseconds."""


def upgrade() -> None:
    _demands()
    _bindings()
    _slips()
    _representations()
    _bars()
    _revocations()


def _demands() -> None:
    # What a front end demanded of the sign-in, held against the provider's answer (RFC 9470).
    op.execute(
        "ALTER TABLE platform.sign_in_transactions"
        " ADD COLUMN acr_values text[] NOT NULL DEFAULT '{}'"
    )
    op.execute("ALTER TABLE platform.sign_in_transactions ADD COLUMN max_age_seconds integer")


def _bindings() -> None:
    # A record belongs to one person at a time, and that is the index's word, not the code's.
    # `attributes_hash` is keyed: it recognises the same four attributes and tells none of them.
    for column in ("attributes_hash bytea", "evidence text", "bound_by text", "second_by text"):
        op.execute(f"ALTER TABLE platform.resident_bindings ADD COLUMN {column}")
    op.execute("""
        CREATE TABLE platform.past_bindings (
          tenant_id integer NOT NULL,
          id uuid NOT NULL DEFAULT uuidv7(),
          subject text NOT NULL,
          resident_id uuid NOT NULL,
          grade text NOT NULL,
          bound_at timestamptz NOT NULL,
          ended_at timestamptz NOT NULL,
          ended_because text NOT NULL CHECK (ended_because IN ('superseded', 'released')),
          ended_by text NOT NULL,
          reason_sealed bytea,
          PRIMARY KEY (tenant_id, id)
        )
    """)
    tenantize("platform.past_bindings", "SELECT, INSERT")
    op.execute(
        "CREATE INDEX past_bindings_resident ON platform.past_bindings (tenant_id, resident_id)"
    )
    # The eldest of several stands; whoever came later was bound by a mistake of ours.
    op.execute("""
        WITH later AS (
          DELETE FROM platform.resident_bindings b USING platform.resident_bindings elder
          WHERE elder.tenant_id = b.tenant_id AND elder.resident_id = b.resident_id
            AND (elder.bound_at, elder.subject) < (b.bound_at, b.subject)
          RETURNING b.*
        )
        INSERT INTO platform.past_bindings
          (tenant_id, subject, resident_id, grade, bound_at, ended_at, ended_because, ended_by)
        SELECT DISTINCT ON (tenant_id, subject)
               tenant_id, subject, resident_id, grade, bound_at, now(), 'released', 'operations'
        FROM later
    """)
    op.execute(
        "-- squawk-ignore require-concurrent-index-deletion\n"
        "DROP INDEX platform.resident_bindings_resident"
    )
    op.execute(
        f"{_SMALL}CREATE UNIQUE INDEX resident_bindings_record"
        " ON platform.resident_bindings (tenant_id, resident_id)"
    )
    op.execute(
        f"{_SMALL}CREATE INDEX resident_bindings_attributes"
        " ON platform.resident_bindings (tenant_id, attributes_hash)"
    )


def _slips() -> None:
    # What somebody shows at the counter to say which sign-in is theirs. The code is kept as a
    # keyed hash to be found, and sealed to be shown again to the one whose it is.
    op.execute("""
        CREATE TABLE platform.counter_slips (
          tenant_id integer NOT NULL,
          id uuid NOT NULL DEFAULT uuidv7(),
          person text NOT NULL,
          state text NOT NULL CHECK (state IN
            ('held', 'shown', 'awaiting_second', 'settled', 'declined', 'withdrawn', 'expired')),
          candidate_id uuid,
          attributes_hash bytea,
          code_hash bytea,
          code_sealed bytea,
          resident_id uuid,
          evidence text,
          first_by text,
          decided_by text,
          created_at timestamptz NOT NULL,
          expires_at timestamptz NOT NULL,
          changed_at timestamptz NOT NULL,
          version integer NOT NULL DEFAULT 1,
          PRIMARY KEY (tenant_id, id),
          CONSTRAINT counter_slips_code_check
            CHECK ((code_hash IS NULL) = (code_sealed IS NULL)),
          CONSTRAINT counter_slips_second_check
            CHECK (state <> 'awaiting_second' OR (resident_id IS NOT NULL AND first_by IS NOT NULL))
        )
    """)
    tenantize("platform.counter_slips", DML)
    op.execute("""
        CREATE UNIQUE INDEX counter_slips_open ON platform.counter_slips (tenant_id, person)
        WHERE state IN ('held', 'shown', 'awaiting_second')
    """)
    op.execute(
        "CREATE UNIQUE INDEX counter_slips_code ON platform.counter_slips (tenant_id, code_hash)"
    )


def _representations() -> None:
    # The holder is a record of this register or, where they live elsewhere, only a sign-in.
    op.execute("""
        CREATE TABLE platform.representations (
          tenant_id integer NOT NULL,
          id uuid NOT NULL,
          represented_id uuid NOT NULL,
          holder_id uuid,
          holder_person text,
          kind text NOT NULL CHECK (kind IN ('legal', 'voluntary', 'facility')),
          ground text NOT NULL,
          relationship text NOT NULL,
          acts text[] NOT NULL CHECK (cardinality(acts) > 0),
          may_receive boolean NOT NULL DEFAULT false,
          evidence text NOT NULL,
          evidence_number_sealed bytea,
          evidence_seen_on date,
          signature_id uuid,
          state text NOT NULL CHECK (state IN
            ('requested', 'awaiting_second', 'active', 'declined', 'withdrawn', 'ended')),
          starts_on date NOT NULL,
          ends_on date,
          recorded_by text NOT NULL,
          recorded_at timestamptz NOT NULL,
          second_by text,
          ended_at timestamptz,
          ended_because text,
          changed_at timestamptz NOT NULL,
          version integer NOT NULL DEFAULT 1,
          PRIMARY KEY (tenant_id, id),
          CONSTRAINT representations_holder_check
            CHECK ((holder_id IS NULL) <> (holder_person IS NULL)),
          CONSTRAINT representations_of_another_check CHECK (holder_id <> represented_id),
          CONSTRAINT representations_period_check CHECK (ends_on >= starts_on),
          CONSTRAINT representations_end_check
            CHECK ((state IN ('declined', 'withdrawn', 'ended')) = (ended_at IS NOT NULL)),
          CONSTRAINT representations_four_eyes_check CHECK (second_by <> recorded_by)
        )
    """)
    tenantize("platform.representations", "SELECT, INSERT, UPDATE")
    for name, columns in (
        ("represented", "represented_id, id"),
        ("holder", "holder_id, id"),
        ("holder_person", "holder_person, id"),
    ):
        op.execute(
            f"CREATE INDEX representations_{name}"
            f" ON platform.representations (tenant_id, {columns})"
        )


def _bars() -> None:
    # 支援措置の相手方: from whom a protected person is protected, as far as it is a record here.
    op.execute("""
        CREATE TABLE platform.representation_bars (
          tenant_id integer NOT NULL,
          represented_id uuid NOT NULL,
          barred_id uuid NOT NULL,
          recorded_by text NOT NULL,
          recorded_at timestamptz NOT NULL,
          PRIMARY KEY (tenant_id, represented_id, barred_id)
        )
    """)
    tenantize("platform.representation_bars", "SELECT, INSERT, DELETE")


def _revocations() -> None:
    op.execute(f"{_WIDENED}ALTER TABLE platform.revocations DROP CONSTRAINT revocations_kind_check")
    op.execute(
        "ALTER TABLE platform.revocations ADD CONSTRAINT revocations_kind_check CHECK"
        " (kind IN ('token', 'session', 'client', 'subject', 'representation')) NOT VALID"
    )

"""What the platform vouches for, and the signed document that stays with its application."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary, Text, Uuid, bindparam, or_, select
from sqlalchemy.dialects.postgresql import insert

from foundation.database import Row, Statement, Transaction, tenant_is
from foundation.encryption import Cipher, Field
from services.benefits.applications.domain import AcceptedSignature, Application, Document
from services.benefits.applications.models import ApplicationSignatureRow, signatures

DOCUMENT = Field("benefits.application_signatures.document")

_s = signatures.c
_COLUMNS = tuple(ApplicationSignatureRow.__table__.c)
_VERIFIED = select(
    _s.signature_id, _s.document_digest, _s.holder_match, _s.signed_at, _s.verified_at
).where(
    tenant_is(signatures),
    _s.signature_id == bindparam("signature_id", type_=Uuid),
    _s.document_digest == bindparam("document_digest", type_=LargeBinary),
)
_OF_RESIDENT = Statement(
    "benefits.application_signatures.of_resident",
    _VERIFIED.where(
        _s.resident_id == bindparam("resident_id", type_=Uuid), _s.for_another.is_(False)
    ),
)
_OF_SUBJECT = Statement(
    "benefits.application_signatures.of_subject",
    _VERIFIED.where(
        _s.subject == bindparam("subject", type_=Text),
        # With one's own token, or with the one that names the very person whose application it is.
        or_(
            _s.for_another.is_(False),
            _s.represented_id == bindparam("represented_id", type_=Uuid),
        ),
    ),
)
_KEEP = Statement(
    "benefits.application_signatures.keep",
    insert(ApplicationSignatureRow)
    .values({column.key: bindparam(column.key, type_=column.type) for column in _COLUMNS})
    .on_conflict_do_nothing(),
)
_OF_APPLICATION = Statement(
    "benefits.application_signatures.of_application",
    select(
        ApplicationSignatureRow.signature_id,
        ApplicationSignatureRow.document_digest,
        ApplicationSignatureRow.representation_id,
        ApplicationSignatureRow.holder_match,
        ApplicationSignatureRow.signed_at,
        ApplicationSignatureRow.verified_at,
    )
    .where(
        tenant_is(ApplicationSignatureRow),
        ApplicationSignatureRow.programme_id == bindparam("programme_id", type_=Uuid),
        ApplicationSignatureRow.household_id == bindparam("household_id", type_=Uuid),
    )
    .order_by(ApplicationSignatureRow.kept_at.desc())
    .limit(1),
)


class Signatures:
    """Signatures under applications."""

    def __init__(self, transaction: Transaction, cipher: Cipher) -> None:
        self._tx = transaction
        self._cipher = cipher

    async def of_resident(
        self, signature_id: UUID, *, resident_id: UUID, digest: bytes
    ) -> AcceptedSignature | None:
        """Return a signature the platform verified, if it is this resident's over this digest."""
        row = await self._tx.fetch_one(
            _OF_RESIDENT, signature_id=signature_id, resident_id=resident_id, document_digest=digest
        )
        return _signature(row) if row is not None else None

    async def of_subject(
        self, signature_id: UUID, *, subject: str, represented_id: UUID, digest: bytes
    ) -> AcceptedSignature | None:
        """Return a signature the platform verified, if whoever acts made it over this digest."""
        row = await self._tx.fetch_one(
            _OF_SUBJECT,
            signature_id=signature_id,
            subject=subject,
            represented_id=represented_id,
            document_digest=digest,
        )
        return _signature(row) if row is not None else None

    async def keep(
        self,
        signature: AcceptedSignature,
        *,
        of: Application,
        document: Document,
        at: datetime,
    ) -> bool:
        """Keep what was signed with the application; False if the signature was used before."""
        sealed = self._cipher.encrypt(document.text, field=DOCUMENT, row_id=signature.signature_id)
        return (
            await self._tx.execute(
                _KEEP,
                signature_id=signature.signature_id,
                programme_id=of.programme_id,
                household_id=of.household_id,
                document_digest=signature.digest,
                document_sealed=sealed,
                representation_id=signature.representation_id,
                holder_match=signature.holder_match,
                signed_at=signature.signed_at,
                verified_at=signature.verified_at,
                kept_at=at,
            )
            > 0
        )

    async def of_application(self, application: Application) -> AcceptedSignature | None:
        """Return the latest signature under an application."""
        row = await self._tx.fetch_one(
            _OF_APPLICATION,
            programme_id=application.programme_id,
            household_id=application.household_id,
        )
        return _signature(row) if row is not None else None


def _signature(row: Row) -> AcceptedSignature:
    return AcceptedSignature(
        signature_id=row["signature_id"],
        digest=row["document_digest"],
        representation_id=row.get("representation_id"),
        holder_match=row["holder_match"],
        signed_at=row["signed_at"],
        verified_at=row["verified_at"],
    )

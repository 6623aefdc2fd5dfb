"""How the document that is signed, and the signature under it, look on the wire."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from foundation.web import Wire
from services.benefits.applications.domain import AcceptedSignature, Document

_DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_DOCUMENT: JsonDict = {
    "application_id": "01930b7e-0000-8000-8000-000000000002",
    "statement": "「令和8年度物価高騰対応支援給付金」 30,000円を受け取ることを申請します。",
    "document": '{"amount_yen":30000,"form":"benefits.application/1"}',
    "digest": _DIGEST,
}
SIGNATURE: JsonDict = {
    "signature_id": "01930b7e-0000-7000-8000-000000000011",
    "digest": _DIGEST,
    "for_another": False,
    "representation_id": None,
    "holder_match": "exact",
    "signed_at": "2026-07-01T00:04:10Z",
    "verified_at": "2026-07-01T00:04:11Z",
}


class DocumentRead(Wire):
    """What is signed: the UTF-8 bytes of `document`, of which `digest` is SHA-256."""

    model_config = ConfigDict(json_schema_extra={"examples": [_DOCUMENT]})

    application_id: UUID
    statement: str
    """何に署名するのかを、本人に分かる言葉で。"""
    document: str
    """署名する文書。この文字列の UTF-8 バイト列に署名する。"""
    digest: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    """文書の SHA-256 ハッシュ値(16 進小文字)。"""

    @classmethod
    def of(cls, document: Document) -> Self:
        return cls(
            application_id=document.application_id,
            statement=document.statement,
            document=document.text,
            digest=document.digest.hex(),
        )


class SignatureRead(Wire):
    """The signature an application was made with; the platform keeps its evidence."""

    model_config = ConfigDict(json_schema_extra={"examples": [SIGNATURE]})

    signature_id: UUID
    digest: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    for_another: bool
    """申請者本人ではなく、代理人が署名したかどうか。"""
    representation_id: UUID | None
    """代理人が署名したとき、その代理の登録の番号。"""
    holder_match: str
    """署名した人と住民登録の一致の度合い。exact 以外は審査で確かめる。"""
    signed_at: datetime
    verified_at: datetime

    @classmethod
    def of(cls, signature: AcceptedSignature) -> Self:
        return cls(
            signature_id=signature.signature_id,
            digest=signature.digest.hex(),
            for_another=signature.for_another,
            representation_id=signature.representation_id,
            holder_match=signature.holder_match,
            signed_at=signature.signed_at,
            verified_at=signature.verified_at,
        )

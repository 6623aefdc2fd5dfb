"""How a signature looks on the wire."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from foundation.web import Prose, Wire

from .domain import HolderMatch, Signature, SignatureState

_ID = "01930b7e-0000-7000-8000-000000000011"
_DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_STATEMENT = "令和8年度物価高騰対応支援給付金 30,000円を受け取ることを申請します。"
_READ: JsonDict = {
    "id": _ID,
    "state": "verified",
    "purpose": "benefits.application.confirm",
    "statement": _STATEMENT,
    "document_digest": _DIGEST,
    "requested_at": "2026-07-01T00:00:00Z",
    "expires_at": "2026-07-01T00:30:00Z",
    "signed_at": "2026-07-01T00:04:10Z",
    "decided_at": "2026-07-01T00:04:11Z",
    "holder_match": "exact",
    "version": 4,
}
_REQUESTED: JsonDict = {
    "id": _ID,
    "state": "requested",
    "purpose": "benefits.application.confirm",
    "statement": _STATEMENT,
    "document_digest": _DIGEST,
    "requested_at": "2026-07-01T00:00:00Z",
    "expires_at": "2026-07-01T00:30:00Z",
    "version": 1,
    "location": "https://tamaire.example/oauth/sign?request=012084.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
}

Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$", examples=[_DIGEST])]


class SignatureRequest(Wire):
    """What shall be signed: a document by its digest, and in words."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "document_digest": _DIGEST,
                    "purpose": "benefits.application.confirm",
                    "statement": _STATEMENT,
                    "return_to": "https://portal.example/callback",
                    "state": "after-signing",
                }
            ]
        }
    )

    document_digest: Digest
    """署名する文書の SHA-256 ハッシュ値(16 進小文字)。"""
    purpose: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.]{0,63}$")]
    """何のための署名か。"""
    statement: Prose
    """何に署名するのかを、本人に分かる言葉で。"""
    return_to: Annotated[str, Field(min_length=1, max_length=2048)]
    """署名のあとにブラウザーを戻すアドレス。クライアントに登録済みのアドレスか、登録済みの配信元のページに限る。"""
    state: Annotated[str, Field(pattern=r"^[\x20-\x7e]{1,255}$")] | None = None
    """戻るときにそのまま返す値。"""


class SignatureRead(Wire):
    """A signature, to whoever was asked for it; the certificate and the holder do not appear."""

    model_config = ConfigDict(json_schema_extra={"examples": [_READ]})

    id: UUID
    state: SignatureState
    purpose: str
    statement: str
    document_digest: Digest
    requested_at: datetime
    expires_at: datetime
    signed_at: datetime | None
    decided_at: datetime | None
    refusal: str | None
    """受け付けなかった理由。"""
    holder_match: HolderMatch | None
    """電子証明書の基本4情報と住民登録の一致の度合い。"""
    version: int

    @classmethod
    def of(cls, signature: Signature, *, statement: str) -> Self:
        return cls(**_shown(signature, statement))


class SignatureRequested(SignatureRead):
    """A signature that was asked for, and where the browser goes to make it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_REQUESTED]})

    location: str
    """ブラウザーを送るアドレス。この応答でだけ返す。"""

    @classmethod
    def at(cls, signature: Signature, *, statement: str, location: str) -> Self:
        return cls(**_shown(signature, statement), location=location)


class VerificationRead(Wire):
    """What came of judging kept evidence again; nothing in it says who the person is."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "signature_id": _ID,
                    "holds": True,
                    "evidence_unchanged": True,
                    "evidence_sha256": _DIGEST,
                    "report": {
                        "policy": "1.2.392.200149.8.5.1.1.20",
                        "key_bits": 2048,
                        "signed_at": "2026-07-01T00:04:10+00:00",
                    },
                }
            ]
        }
    )

    signature_id: UUID
    holds: bool
    """保存した証拠だけで、署名がいまも有効と判定できるか。"""
    refusal: str | None
    evidence_unchanged: bool
    """証拠のハッシュ値が、保存した時のものと同じか。"""
    evidence_sha256: Digest
    """監査証跡に記録した値と照合できる。"""
    report: dict[str, str | int | None] | None
    """証明書と失効情報の確認内容。"""


def _shown(signature: Signature, statement: str) -> dict[str, Any]:
    names = SignatureRead.model_fields.keys() - {"statement", "document_digest"}
    return {name: getattr(signature, name) for name in names} | {
        "statement": statement,
        "document_digest": signature.document_digest.hex(),
    }

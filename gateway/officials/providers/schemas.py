"""How providers of officials look on the wire."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field

from foundation.identity import Role
from foundation.web import Line, Version, Wire

from .domain import (
    Claims,
    Explanation,
    IdentityProvider,
    MappedRole,
    ProviderState,
    explain,
)
from .examination import Examined, Finding, Plan
from .service import Registration
from .trials import Trial

_CLAIM = r"^[A-Za-z0-9_.:/-]{1,255}$"
ClaimName = Annotated[str, Field(pattern=_CLAIM)]
Printable = Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,512}$")]
Words = Annotated[str, Field(pattern=r"^[\x21-\x7e]+( [\x21-\x7e]+)*$", max_length=512)]


class ClaimsGiven(Wire):
    """Under which names the directory says what."""

    groups: ClaimName | None = "groups"
    """グループ(または役割)の一覧が入るクレーム。"""
    employee_id: ClaimName | None = None
    """職員番号が入るクレーム。事前の役割付与と、認証基盤の切替えに使う。"""
    email: ClaimName | None = None
    """メールアドレスが入るクレーム。"""
    name: ClaimName | None = "name"
    """氏名が入るクレーム。暗号化して保存。"""
    required_claim: ClaimName | None = None
    """自団体の人だけが持つクレーム(Google は hd、Entra ID は tid)。"""
    required_value: Printable | None = None
    """required_claim の値。"""

    @classmethod
    def of(cls, claims: Claims) -> Self:
        return cls(**{name: getattr(claims, name) for name in Claims.__dataclass_fields__})

    def claims(self) -> Claims:
        return Claims(**self.model_dump())


def _pairs(given: ClaimsGiven) -> ClaimsGiven:
    if (given.required_claim is None) != (given.required_value is None):
        raise ValueError(
            "required_claim and required_value are given together.",
            "required_claim と required_value は、両方を指定してください。",
        )
    return given


class RoleMapped(Wire):
    """A group, exactly as the directory spells it, and the duty it carries."""

    group: Annotated[str, Field(min_length=1, max_length=255, examples=["出納課"])]
    role: Role

    def mapped(self) -> MappedRole:
        return MappedRole(self.group, self.role)

    @classmethod
    def of(cls, one: MappedRole) -> Self:
        return cls(group=one.group, role=one.role)


Mapping_ = Annotated[list[RoleMapped], Field(max_length=500)]
_EXAMPLE: dict[str, Any] = {
    "name": "庁内認証基盤",
    "issuer": "https://login.city.example.lg.jp/realms/staff",
    "client_id": "tamaire",
    "client_authentication": "private_key_jwt",
    "scope": "openid profile groups",
    "claims": {"groups": "groups", "employee_id": "employee_number", "name": "name"},
    "roles": [{"group": "情報政策課", "role": "administrator"}],
}


class ProviderRegister(Wire):
    """A provider as its own administrator's screens show it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    name: Line
    """職員がサインイン先を選ぶときに見る名前。"""
    issuer: Printable
    """発行者。設定情報(discovery)の issuer と一字一句同じもの。"""
    client_id: Printable
    client_authentication: Literal[
        "private_key_jwt", "client_secret_basic", "client_secret_post"
    ] = "private_key_jwt"
    """当方の証明方法。private_key_jwt の公開鍵は /oauth/client-jwks.json にある。"""
    client_secret: Printable | None = None
    """client_secret_basic・client_secret_post のときだけ。暗号化して保存し、表示しない。"""
    scope: Words = "openid profile groups"
    acr_values: Annotated[str, Field(pattern=r"^[\x20-\x7e]*$", max_length=512)] = ""
    """求める保証レベル。空なら求めない。"""
    claims: Annotated[ClaimsGiven, AfterValidator(_pairs)] = ClaimsGiven()
    roles: Mapping_ = Field(default_factory=list[RoleMapped])
    """どのグループがどの役割を持つか。あとから変更できる。"""

    def registration(self) -> Registration:
        return Registration(
            name=self.name,
            client_id=self.client_id,
            client_secret=self.client_secret,
            plan=Plan(
                issuer=self.issuer,
                client_authentication=self.client_authentication,
                scope=self.scope,
                acr_values=self.acr_values,
                claims=self.claims.claims(),
            ),
            mapping=tuple(one.mapped() for one in self.roles),
        )


class RolesSet(Wire):
    """Which group carries which duty, all of it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"roles": [{"group": "窓口課", "role": "clerk"}]}]}
    )

    roles: Mapping_


class FindingRead(Wire):
    """One thing found, and what to do about it."""

    code: str
    pointer: str
    detail: str
    detail_ja: str

    @classmethod
    def of(cls, one: Finding) -> Self:
        return cls(code=one.code, pointer=one.pointer, detail=one.detail, detail_ja=one.detail_ja)


class ProviderSummary(Wire):
    """A provider in the list."""

    id: UUID
    name: str
    issuer: str
    state: ProviderState
    activated_at: datetime | None
    retire_at: datetime | None
    retired_at: datetime | None
    version: Version

    @classmethod
    def of(cls, one: IdentityProvider) -> Self:
        return cls(
            id=one.id,
            name=one.name,
            issuer=one.issuer,
            state=one.state,
            activated_at=one.activated_at,
            retire_at=one.retire_at,
            retired_at=one.retired_at,
            version=one.version,
        )


class ProviderRead(ProviderSummary):
    """A provider, and what is still missing before it can be put to use."""

    client_id: str
    client_authentication: str
    redirect_uri: str
    """認証基盤に登録する戻り先アドレス。この認証基盤だけのもの。"""
    client_jwks_uri: str
    """private_key_jwt のとき、認証基盤に登録する公開鍵のアドレス。"""
    scope: str
    acr_values: str
    claims: ClaimsGiven
    algorithms: list[str]
    discovered_at: datetime | None
    tested_at: datetime | None
    roles: list[RoleMapped]
    notices: list[FindingRead]
    """支障はないが、知っておくとよいこと。"""
    missing: list[FindingRead]
    """利用を開始するまでに、まだ必要なこと。"""

    @classmethod
    def told(
        cls,
        one: IdentityProvider,
        roles: Sequence[MappedRole],
        missing: Sequence[Finding],
        *,
        issuer: str,
        examined: Examined | None = None,
    ) -> Self:
        return cls(
            **ProviderSummary.of(one).model_dump(),
            client_id=one.client_id,
            client_authentication=one.client_authentication,
            redirect_uri=f"{issuer}/oauth/callback" + (f"/{one.id}" if one.own_callback else ""),
            client_jwks_uri=f"{issuer}/oauth/client-jwks.json",
            scope=one.scope,
            acr_values=one.acr_values,
            claims=ClaimsGiven.of(one.claims),
            algorithms=list(one.algorithms),
            discovered_at=one.discovered_at,
            tested_at=one.tested_at,
            roles=[RoleMapped.of(role) for role in roles],
            notices=[FindingRead.of(found) for found in (examined.notices if examined else ())],
            missing=[FindingRead.of(found) for found in missing],
        )


class GroupsGiven(Wire):
    """Groups somebody might have."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"groups": ["窓口課", "正職員"]}]})

    groups: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=255)]], Field(max_length=200)
    ]


class ExplanationRead(Wire):
    """Which duties follow from which groups."""

    roles: list[RoleMapped]
    unmapped: list[str]
    """どの役割にも対応していないグループ。"""
    never_matched: list[str]
    """対応表にあるが、この人にはないグループ。"""

    @classmethod
    def of(cls, one: Explanation) -> Self:
        return cls(
            roles=[RoleMapped.of(role) for role in one.roles],
            unmapped=list(one.unmapped),
            never_matched=list(one.never_matched),
        )


class TrialLink(Wire):
    """A link for one trial sign-in, by whoever opens it; nobody is signed in by it."""

    id: UUID
    link: str
    """テストサインインのリンク。1回だけ、期限まで使える。"""
    expires_at: datetime


class TrialRead(Wire):
    """What came of a trial; it tells which claims came, never what they said of a person."""

    id: UUID
    created_at: datetime
    finished_at: datetime | None
    succeeded: bool | None
    fault: FindingRead | None
    claims: list[str]
    """届いたクレームの名前。"""
    missing: list[str]
    """届くはずだったのに届かなかったクレームの名前。"""
    groups: list[str]
    explanation: ExplanationRead

    @classmethod
    def of(cls, one: Trial, mapping: Sequence[MappedRole]) -> Self:
        fault = one.report.get("fault")
        return cls(
            id=one.id,
            created_at=one.created_at,
            finished_at=one.finished_at,
            succeeded=one.succeeded,
            fault=None if fault is None else FindingRead(**fault),
            claims=list(one.report.get("claims", [])),
            missing=list(one.report.get("missing", [])),
            groups=list(one.groups),
            explanation=ExplanationRead.of(explain(one.groups, mapping)),
        )


class Retire(Wire):
    """When a provider ends; at once unless a time is named."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"retire_at": "2027-04-01T00:00:00+09:00"}]}
    )

    retire_at: datetime | None = None
    """終了する日時。省略すると直ちに終了し、サインイン中の職員も1秒以内に終了する。"""

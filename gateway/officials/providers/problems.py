"""What can be refused about a provider.

Problem
├── NotFound
│   ├── IdentityProviderNotFound      404
│   └── TrialNotFound                 404   (shown to a browser)
├── InvalidInput
│   └── IdentityProviderUnusable      422
├── Forbidden
│   └── SecondAdministratorRequired   403
├── Conflict
│   ├── IssuerRegistered              409
│   ├── IdentityProviderStateConflict 409
│   ├── IdentityProviderNotReady      409
│   ├── SensitiveRolesFixed           409
│   └── LastWayIn                     409
└── ServiceUnavailable
    └── ExaminationsBusy              503
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from http import HTTPStatus
from typing import ClassVar

from foundation.problems import (
    JSON,
    Conflict,
    Forbidden,
    MalformedRequest,
    NotFound,
    Problem,
    ServiceUnavailable,
)

from .examination import Finding

_FINDINGS: Mapping[str, JSON] = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["code", "pointer", "detail", "detail_ja"],
        "properties": {
            name: {"type": "string"} for name in ("code", "pointer", "detail", "detail_ja")
        },
    },
}


class IdentityProviderNotFound(NotFound):
    """No such provider in this municipality."""

    slug = "platform/identity-provider-not-found"
    title = "There is no such identity provider."
    title_ja = "該当する認証基盤がありません。"
    remedy = "Choose one from the list of your municipality's identity providers."
    remedy_ja = "認証基盤の一覧から選んでください。"


class TrialNotFound(MalformedRequest):
    """Used, too old, or begun in another browser; which of these is not said."""

    slug = "platform/trial-not-found"
    title = "This trial sign-in is over, took too long, or was begun in another browser."
    title_ja = (
        "このテストサインインは終了しているか、期限切れか、別のブラウザーで開始されたものです。"
    )
    remedy = "Ask for a new link; each is good once, for fifteen minutes."
    remedy_ja = "新しいリンクを発行してください。リンクは15分間、1回だけ使えます。"


class IdentityProviderUnusable(Problem):
    """The examination found faults; each is listed with what to do about it."""

    slug = "platform/identity-provider-unusable"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "This identity provider cannot be used as it is."
    title_ja = "この認証基盤は、このままでは使えません。"
    remedy = "Correct each of the listed faults, at the provider or here, and send it again."
    remedy_ja = "示された項目を、認証基盤の設定か登録内容で直して、もう一度送信してください。"
    extension_schemas: ClassVar[Mapping[str, Mapping[str, JSON]]] = {"errors": _FINDINGS}

    @classmethod
    def of(cls, faults: Sequence[Finding]) -> "IdentityProviderUnusable":
        """Refuse with every fault that was found."""
        return cls(errors=[asdict(fault) for fault in faults])


class IssuerRegistered(Conflict):
    """One issuer, one registration: two would disagree on who somebody is."""

    slug = "platform/issuer-registered"
    title = "This issuer is registered already."
    title_ja = "この発行者(issuer)は、すでに登録されています。"
    remedy = "Change the registration there is, or retire it first."
    remedy_ja = "登録済みの認証基盤を変更するか、先に終了してください。"


class IdentityProviderStateConflict(Conflict):
    """The act does not begin where the provider stands."""

    slug = "platform/identity-provider-state-conflict"
    title = "The identity provider is not in a state that allows this."
    title_ja = "認証基盤の現在の状態では、この操作はできません。"
    remedy = "Read the identity provider; drafts are changed, tested ones activated."
    remedy_ja = "認証基盤の状態を確認してください。変更できるのは、利用を開始する前だけです。"


class IdentityProviderNotReady(Conflict):
    """Something is missing that would lock people out; all of it is listed."""

    slug = "platform/identity-provider-not-ready"
    title = "The identity provider cannot be put to use yet."
    title_ja = "この認証基盤は、まだ利用を開始できません。"
    remedy = "Do what is listed; nothing has changed for those who sign in now."
    remedy_ja = "示された準備を済ませてください。現在のサインインには影響していません。"
    extension_schemas: ClassVar[Mapping[str, Mapping[str, JSON]]] = {"obstacles": _FINDINGS}

    @classmethod
    def of(cls, obstacles: Sequence[Finding]) -> "IdentityProviderNotReady":
        """Refuse with everything that is missing."""
        return cls(obstacles=[asdict(one) for one in obstacles])


class SecondAdministratorRequired(Forbidden):
    """Whoever chose a directory could make anybody of themselves in it."""

    slug = "platform/second-administrator-required"
    title = "Another administrator must do this."
    title_ja = "この操作は、別の管理者が行う必要があります。"
    remedy = (
        "Ask an administrator who wrote nothing of it to look at it and confirm it. If all of you"
        " did, throw the draft away and let one of you register it whole."
    )
    remedy_ja = (
        "登録や役割の対応を変更していない、別の管理者に確認と操作を依頼してください。"
        "全員が変更している場合は、下書きを破棄し、一人が登録し直してください。"
    )


class SensitiveRolesFixed(Conflict):
    """A group's members change without us; these duties are given to people, by two people."""

    slug = "platform/sensitive-roles-fixed"
    title = "Groups of a provider in use are given no sensitive duties."
    title_ja = "利用中の認証基盤のグループに、管理者・出納・監査の役割を加えることはできません。"
    remedy = "Give the duty to a person, which a second administrator confirms."
    remedy_ja = "役割の付与(職員ごと)を使い、もう一人の管理者の承認を受けてください。"


class LastWayIn(Conflict):
    """After this fewer than two administrators could sign in."""

    slug = "platform/last-way-in"
    title = "This would leave fewer than two administrators who can sign in."
    title_ja = "この操作を行うと、サインインできる管理者が2人未満になります。"
    remedy = "First let two administrators sign in another way, then repeat this."
    remedy_ja = "先に、別の方法でサインインできる管理者を2人以上にしてから、やり直してください。"


class ExaminationsBusy(ServiceUnavailable):
    """Examinations wait for others' machines, so only a few run at once."""

    slug = "platform/examinations-busy"
    title = "Other examinations are under way."
    title_ja = "ほかの確認処理が実行中です。"

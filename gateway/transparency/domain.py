"""What an entry of the trail means, said in a sentence a resident can read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_ACTORS: Final = {
    "official": ("自治体の職員", "An official of the municipality"),
    "resident": ("別の住民", "Another resident"),
    "business": ("事業者", "A business"),
    "machine": ("自治体のシステム", "A system of the municipality"),
}
_SERVICES: Final = {
    "benefits": ("給付", "benefits"),
    "consultation": ("相談支援", "consultation"),
    "platform": ("サインインと利用記録", "sign-in and records of use"),
    "registry": ("住民登録", "the resident register"),
    "window_dx": ("窓口", "the counter"),
}
_PURPOSES: Final = {
    "application": ("申請の受付と審査", "an application"),
    "payment": ("支払", "a payment"),
    "reception": ("窓口での対応", "reception at the counter"),
    "consultation": ("相談支援", "consultation"),
    "registration": ("住民登録の管理", "keeping the register"),
    "statutory_inquiry": ("法令に基づく照会", "an inquiry the law provides for"),
    "audit": ("利用状況の確認", "an audit of use"),
    "operation": ("業務の運営", "operation"),
    "emergency": ("緊急の対応", "an emergency"),
}
_REPRESENTATION: Final = ("platform.representation.", "platform.mandate.")
_DEEDS: Final[Mapping[str, tuple[str, str]]] = {
    "bar": ("代理の登録の制限を変更しました", "changed who may not be registered to act for you"),
    "confirm": ("代理の登録を確認しました", "checked a registration to act for somebody"),
    "draft": ("代理の登録の下書きを作りました", "drafted a registration to act for somebody"),
    "end": ("代理の登録を終了しました", "ended a registration to act for somebody"),
    "expire": ("代理の登録を終了しました", "ended a registration to act for somebody"),
    "record": ("代理の登録を行いました", "registered who may act for somebody"),
    "request": ("代理の登録を申し出ました", "asked for a registration to act for somebody"),
    "revoke": ("代理の登録をやめました", "gave up a registration to act for somebody"),
    "take-up": ("代理の登録を使いました", "used a registration to act for you"),
}
_LOOKED: Final = ("代理の登録を見ました", "looked at a registration to act for somebody")
_REFUSED: Final = (
    "代理の登録を利用しようとして断られました",
    "tried to use a registration to act for somebody and was refused",
)
_PARTIES: Final[Mapping[str, tuple[str, str]]] = {
    "request": ("代理を頼む方", "Somebody who asks to be acted for"),
    "revoke": ("代理人または代理を頼んだ方", "The representative or the represented person"),
}
_REPRESENTATIVE: Final = ("代理人", "A representative")
_JA, _EN = 0, 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What an entry says in codes, as far as a sentence needs it.

    `own`: the resident did it. `relationship`: what whoever acted for the resident is to them.
    `office`: the name of the office an official came from to assist, if not the municipality's own.
    """

    action: str
    actor_kind: str
    own: bool
    purpose: str | None
    service: str
    decision: str
    relationship: str | None = None
    office: str | None = None

    @property
    def deed(self) -> str | None:
        """Return what was done with a right to act for another, if it was about one."""
        for prefix in _REPRESENTATION:
            if self.action.startswith(prefix):
                return self.action.removeprefix(prefix)
        return None


def sentence_ja(told: Told) -> str:
    """Say in a Japanese sentence what an entry says in codes; a code without a word says itself.

    Who acted is named by office only: the municipality answers for its officials. Somebody who
    acted for the resident is named by what they are to them.
    """
    actor = "あなたご自身" if told.own else _actor(told, _JA)
    if told.relationship is not None:
        actor = f"代理人({told.relationship})"
    why = f"{_word(_PURPOSES, told.purpose, _JA)}のために、" if told.purpose else ""
    end = "利用しました" if told.decision == "allowed" else "利用しようとして断られました"
    what = f"{_word(_SERVICES, told.service, _JA)}の情報を{end}"
    return f"{actor}が、{why}{_deed(told, _JA) or what}。"


def sentence(told: Told) -> str:
    """Say the same in English."""
    actor = "You yourself" if told.own else _actor(told, _EN)
    if told.relationship is not None:
        actor = f"Your representative ({told.relationship})"
    why = f" (purpose: {_word(_PURPOSES, told.purpose, _EN)})" if told.purpose else ""
    end = "used" if told.decision == "allowed" else "tried to use, and was refused,"
    what = f"{end} information of {_word(_SERVICES, told.service, _EN)}"
    return f"{actor} {_deed(told, _EN) or what}{why}."


def _actor(told: Told, language: int) -> str:
    if told.deed is not None and told.actor_kind == "resident":
        return _PARTIES.get(told.deed, _REPRESENTATIVE)[language]
    if told.office is not None:
        ja, en = (
            f"自治体を支援する{told.office}の職員",
            f"An official of {told.office}, who assists the municipality,",
        )
        return (ja, en)[language]
    return _word(_ACTORS, told.actor_kind, language)


def _deed(told: Told, language: int) -> str | None:
    if told.deed is None:
        return None
    if told.decision != "allowed":
        return _REFUSED[language]
    return _DEEDS.get(told.deed, _LOOKED)[language]


def _word(words: Mapping[str, tuple[str, str]], code: str, language: int) -> str:
    return words[code][language] if code in words else code

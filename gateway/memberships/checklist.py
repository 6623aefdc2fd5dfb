"""What must be in order before a municipality goes live, and why; computed, never ticked by hand.

Each item is a question that was asked too late somewhere: who can still get in when one
administrator is ill, whether a backup can be read, whom to ring at night, where people go then.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from .domain import SERVICES

LEAST_ADMINISTRATORS: Final = 2
CONTACTS: Final = ("operational", "privacy", "security")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is found in the municipality's own records on a day."""

    today: date
    has_a_register: bool = True
    """False for a prefecture and the nation: they see figures, and keep no residents here."""
    administrators: int = 0
    directory_in_use: bool = False
    has_residents: bool = False
    drilled_on: date | None = None
    drill_lasts: timedelta = timedelta()
    contacts: frozenset[str] = frozenset()
    disclosure: str | None = None
    services: frozenset[str] = frozenset()
    paper_routes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item: whether it is met, why it is asked for, and what to do, in both languages."""

    name: str
    is_met: bool
    title_ja: str
    title_en: str
    why_ja: str
    why_en: str
    remedy_ja: str
    remedy_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    holds: Callable[[Facts], bool]
    title: tuple[str, str]
    why: tuple[str, str]
    remedy: tuple[str, str]
    of_everybody: bool = False
    """Whether it is asked of those, too, who keep no residents here."""


def _drilled(facts: Facts) -> bool:
    day = facts.drilled_on
    return day is not None and facts.today - facts.drill_lasts <= day <= facts.today


_RULES: Final = {
    "administrators": _Rule(
        of_everybody=True,
        holds=lambda facts: facts.administrators >= LEAST_ADMINISTRATORS,
        title=("管理者が2人以上いる", "Two administrators can sign in"),
        why=(
            "1人が不在でも自治体を開け、起案と承認を別の人が行えるようにするためです。",
            "One may be away, and nobody approves what they proposed.",
        ),
        remedy=(
            "もう1人に管理者の役割を付与し、2人とも一度サインインしてください。",
            "Give a second person the administrator's duty; both sign in once.",
        ),
    ),
    "directory": _Rule(
        of_everybody=True,
        holds=lambda facts: facts.directory_in_use,
        title=("職員の認証基盤をテストし、利用を開始した", "The officials' directory is in use"),
        why=(
            "職員が自治体の認証基盤でサインインし、退職と同時に入れなくなるようにするためです。",
            "Officials sign in with the town's own directory, and no more once they have left.",
        ),
        remedy=(
            (
                "認証基盤を登録し、テストサインインをして、利用を開始してください"
                "(/platform/v1/identity-providers)。"
            ),
            "Register the directory, try it, put it to use (/platform/v1/identity-providers).",
        ),
    ),
    "data": _Rule(
        holds=lambda facts: facts.has_residents,
        title=("住民データの取込みが確定している", "Residents were imported and confirmed"),
        why=(
            "住民の照合と受給者の抽出は、住民データがなければできません。",
            "Nobody can be recognised, and no roster drawn, without a register.",
        ),
        remedy=(
            "CSV を送り、結果を確かめて確定してください(/registry/v1/imports)。",
            "Send the CSV, look at the dry run, confirm it (/registry/v1/imports).",
        ),
    ),
    "restore": _Rule(
        holds=_drilled,
        title=("定めた期間内に復元の訓練をした", "A restore was drilled within the set time"),
        why=(
            "戻せることを確かめていない控えは、控えではありません。",
            "A backup nobody has read back is none.",
        ),
        remedy=(
            (
                "バックアップから復元し、日付と所要時間を記録してください"
                "(/platform/v1/membership/restore-drills)。"
            ),
            (
                "Restore from a backup; record the day and how long it took"
                " (/platform/v1/membership/restore-drills)."
            ),
        ),
    ),
    "contacts": _Rule(
        of_everybody=True,
        holds=lambda facts: frozenset(CONTACTS) <= facts.contacts,
        title=("運用・個人情報・セキュリティの連絡先がある", "Three contacts are known"),
        why=(
            "障害や漏えいのとき、誰に知らせるかをその場で探さないためです。",
            "In a breakdown or a breach nobody should have to look for whom to ring.",
        ),
        remedy=(
            "3つの連絡先を登録してください(/platform/v1/membership/papers)。",
            "Name all three contacts (/platform/v1/membership/papers).",
        ),
    ),
    "disclosure": _Rule(
        holds=lambda facts: facts.disclosure is not None,
        title=("統計の開示範囲を決めた", "It was decided how far figures may go"),
        why=(
            "件数を県や国に示すかどうかは、自治体が決めることだからです。",
            "Whether prefecture and nation are shown its counts is the municipality's to decide.",
        ),
        remedy=(
            "開示範囲(none・prefecture・nation)を選んでください(/platform/v1/membership/papers)。",
            "Choose none, prefecture or nation (/platform/v1/membership/papers).",
        ),
    ),
    "paper_routes": _Rule(
        holds=lambda facts: bool(facts.services) and facts.services <= facts.paper_routes,
        title=("利用する全サービスの紙の窓口がある", "Every service has its paper route"),
        why=(
            "休止中でも、手続きできる窓口を必ず案内するためです。",
            "Whoever is turned away is told where the same is done on paper.",
        ),
        remedy=(
            "サービスごとに窓口を登録してください(/platform/v1/membership/services)。",
            "Name the office for each service (/platform/v1/membership/services).",
        ),
    ),
}
NAMES: Final = tuple(_RULES)


def checklist(facts: Facts) -> list[Item]:
    """Return every item that is asked for, met or not, in the order in which they are best done."""
    return [
        Item(
            name=name,
            is_met=rule.holds(facts),
            title_ja=rule.title[0],
            title_en=rule.title[1],
            why_ja=rule.why[0],
            why_en=rule.why[1],
            remedy_ja=rule.remedy[0] + _missing(name, facts, "不足: "),
            remedy_en=rule.remedy[1] + _missing(name, facts, "Missing: "),
        )
        for name, rule in _RULES.items()
        if rule.of_everybody or facts.has_a_register
    ]


def _missing(name: str, facts: Facts, said: str) -> str:
    """Name what is missing where the item is made of several."""
    if name == "contacts":
        gone = [kind for kind in CONTACTS if kind not in facts.contacts]
    elif name == "paper_routes":
        without = facts.services - facts.paper_routes
        gone = [one.replace("_", "-") for one in SERVICES if one in without]
    else:
        gone = []
    return f" {said}{', '.join(gone)}" if gone else ""

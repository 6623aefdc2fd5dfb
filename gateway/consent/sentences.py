"""What each scope means to the person who is asked: one sentence, in words everybody uses.

Nobody can agree to what nobody told them. A scope without a sentence is therefore never asked
for, and so never given to an application that must ask.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

Language = Literal["ja", "en"]

IDENTITY: Final = "openid"
"""Without it nobody is signed in; it says that it is the same person again, and no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One scope in plain words. `is_sensitive`: it opens what a person may wish to keep close."""

    ja: str
    en: str
    is_sensitive: bool = False

    def in_language(self, language: Language) -> str:
        return self.ja if language == "ja" else self.en


def _open(ja: str, en: str) -> Sentence:
    return Sentence(ja=ja, en=en)


def _sensitive(ja: str, en: str) -> Sentence:
    return Sentence(ja=ja, en=en, is_sensitive=True)


SENTENCES: Final[Mapping[str, Sentence]] = {
    "openid": _open(
        "前に使った人と同じ人かどうかを確かめます。名前や住所は伝わりません。",
        "Check that you are the same person as last time. Your name and address are not passed on.",
    ),
    "platform:read": _open(
        "あなたの情報をだれが見たかの記録と、サインインの状態を見ます。",
        "See who looked at your information, and how you are signed in.",
    ),
    "platform:self": _sensitive(
        "あなたのサインインと、ほかのアプリへの許可を見たり、取り消したりします。",
        "See and end your sign-ins, and what you allow other applications.",
    ),
    "platform:write": _sensitive(
        "この自治体でのサービスの使い方の設定を変えます。",
        "Change how services are set up in this municipality.",
    ),
    "platform:events": _open(
        "このサービスの設定が変わったというお知らせを受け取ります。",
        "Be told when the settings of the service change.",
    ),
    "platform:introspect": _open(
        "渡された通行証が、まだ有効かどうかを確かめます。",
        "Check whether a pass that was shown to it is still good.",
    ),
    "registry:read": _sensitive(
        "市区町村に登録されている、あなたの名前・住所・生年月日・家族のことを見ます。",
        "See your name, address, date of birth and household as your municipality has them.",
    ),
    "registry:write": _sensitive(
        "市区町村に登録されている住民の情報を書きかえます。",
        "Change what your municipality has on record about residents.",
    ),
    "registry:import": _sensitive(
        "住民の情報をまとめて登録します。",
        "Put many residents on record at once.",
    ),
    "registry:changes": _open(
        "住民の登録が変わったことを、番号だけで順に受け取ります。",
        "Be told, by number only, whose record changed.",
    ),
    "registry:events": _open(
        "引っ越しなどで登録が変わったというお知らせを受け取ります。",
        "Be told that a record changed, for example after a move.",
    ),
    "benefits:read": _sensitive(
        "あなたが受け取れる給付金と、申し込みの進み具合を見ます。",
        "See the benefits you can receive and how your applications are going.",
    ),
    "benefits:write": _sensitive(
        "あなたのかわりに給付金を申し込み、振込先の口座を伝えます。",
        "Apply for benefits on your behalf and pass on the bank account to pay into.",
    ),
    "benefits:pay": _sensitive(
        "給付金の振り込みを進めます。",
        "Carry out the payment of benefits.",
    ),
    "benefits:events": _open(
        "給付金の手続きが進んだというお知らせを受け取ります。",
        "Be told when a benefit moves on.",
    ),
    "window-dx:read": _open(
        "役所の窓口の混みぐあいと、あなたの受付番号を見ます。",
        "See how busy the counters are, and your place in the queue.",
    ),
    "window-dx:write": _open(
        "あなたのかわりに窓口の受付番号を取ります。",
        "Take a number at the counter on your behalf.",
    ),
    "window-dx:events": _open(
        "窓口の順番が進んだというお知らせを受け取ります。",
        "Be told when the queue at the counter moves on.",
    ),
    "consultation:read": _sensitive(
        "役所に相談したことの記録を見ます。",
        "See the records of what was talked over with the municipality.",
    ),
    "consultation:write": _sensitive(
        "役所に相談したことの記録を書きます。",
        "Write the records of what was talked over with the municipality.",
    ),
    "consultation:events": _sensitive(
        "相談の手続きが進んだというお知らせを受け取ります。",
        "Be told when a consultation moves on.",
    ),
}


def askable(scopes: Iterable[str]) -> frozenset[str]:
    """Return those scopes a person can be asked for, because there are words for them."""
    return frozenset(scopes) & SENTENCES.keys()


def in_order(scopes: Iterable[str]) -> list[str]:
    """Return scopes as they are read out: the harmless first, then as the table has them."""
    wanted = frozenset(scopes)
    return sorted(
        (scope for scope in SENTENCES if scope in wanted),
        key=lambda scope: SENTENCES[scope].is_sensitive,
    )

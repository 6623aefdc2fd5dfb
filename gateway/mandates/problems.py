"""What is refused about acting for another."""

from collections.abc import Mapping, Sequence
from typing import Final

from foundation.problems import Conflict, Fault as InputFault, Forbidden, InvalidInput, NotFound
from gateway.representations.domain import Fault


class RepresentedNotFound(NotFound):
    """Nobody there whom this holder could represent, whatever the reason that there is not."""

    slug = "platform/represented-not-found"
    title = "There is no such resident to be represented."
    title_ja = "代理される方が見つかりません。"
    remedy = "Search the register again and take the number from there."
    remedy_ja = "住民登録をもう一度検索し、その番号を指定してください。"


class RepresentationNotFound(NotFound):
    """There is no such right, or it is not the caller's to see."""

    slug = "platform/representation-not-found"
    title = "There is no such representation."
    title_ja = "該当する代理の登録が見つかりません。"
    remedy = "Read the list again and take the number from there."
    remedy_ja = "一覧をもう一度読み込み、その番号を指定してください。"


class RepresentationStateConflict(Conflict):
    """The right does not stand where this could happen to it."""

    slug = "platform/representation-state-conflict"
    title = "This cannot be done with the representation as it stands."
    title_ja = "この代理の登録は、いまその操作ができる状態にありません。"
    remedy = "Read its present state, then decide what is still to be done."
    remedy_ja = "現在の状態を確認してください。"


class NotByOneself(Forbidden):
    """Whoever records a right neither holds it nor confirms it."""

    slug = "platform/not-by-oneself"
    title = "Another official must do this."
    title_ja = "ご自身が関わる登録や確認は、別の職員が行います。"
    remedy = "Ask a colleague who neither recorded it nor is to act for the person."
    remedy_ja = "登録した職員でも代理人でもない、別の職員に依頼してください。"


class NotRevocable(Forbidden):
    """A right given by law or by a court is not ended by whoever is represented."""

    slug = "platform/not-revocable"
    title = "This representation rests on the law and cannot be ended by you."
    title_ja = "法律や裁判所の決定にもとづく代理は、ご本人では終了できません。"
    remedy = "Ask at the counter; a change by the court or in the family register ends it."
    remedy_ja = "審判や戸籍の変更があったときは、書類をお持ちのうえ窓口でお申し出ください。"


class MandateSignatureRefused(InvalidInput):
    """The signature is the caller's and does not serve; which part does not fit is not said."""

    slug = "platform/mandate-signature-refused"
    title = "This signature does not stand under this mandate."
    title_ja = "この電子署名は、この委任に対するものと確認できません。"
    remedy = "Have exactly the document of this mandate signed, and send it within 30 days."
    remedy_ja = "この委任の文書を作り直して署名し、30 日以内に送信してください。"

    @classmethod
    def given(cls) -> InvalidInput:
        """Refuse the signature that was named."""
        return cls.of(
            [
                InputFault(
                    pointer="/signature_id",
                    detail="Not a fresh, verified signature over exactly this mandate alone.",
                    detail_ja="この委任だけに対する、30 日以内の検証済みの署名ではありません。",
                )
            ]
        )


_SENTENCES: Final[Mapping[Fault, tuple[str, str, str]]] = {
    Fault.ACTS: (
        "/acts",
        "A right on this ground does not reach that far.",
        "この根拠による代理では認められない行為が含まれています。",
    ),
    Fault.EVIDENCE: (
        "/evidence/kind",
        "This document does not show a right on this ground.",
        "この根拠を示す書類ではありません。",
    ),
    Fault.RECEIVES: (
        "/may_receive",
        "Leave to receive money cannot be given on this ground.",
        "この根拠では、受領の代理は登録できません。",
    ),
    Fault.NEEDS_END: ("/ends_on", "It needs a last day.", "終了日を指定してください。"),
    Fault.TOO_LONG: (
        "/ends_on",
        "It can be recorded for a year at most.",
        "1 年以内の終了日を指定してください。",
    ),
    Fault.PERIOD: (
        "/ends_on",
        "The last day is past, or before the first.",
        "終了日が過去か、開始日より前です。",
    ),
    Fault.NOT_A_MINOR: (
        "/ground",
        "The person is of age.",
        "代理される方は成年に達しています。",
    ),
    Fault.BIRTH_UNKNOWN: (
        "/ground",
        "The register does not know the day of birth, so majority cannot be told.",
        "生年月日が確定していないため、成年に達する日を判断できません。",
    ),
    Fault.ONESELF: (
        "/holder",
        "Nobody represents themselves.",
        "ご本人を代理人にすることはできません。",
    ),
}


class RightRefused(InvalidInput):
    """The right could not be one; every fault is listed."""

    slug = "platform/representation-invalid"
    title = "A representation like this cannot be recorded."
    title_ja = "この内容の代理は登録できません。"
    remedy = "Correct each listed value by the document and send it again."
    remedy_ja = "示された項目を書類どおりに直して、もう一度送信してください。"

    @classmethod
    def for_faults(cls, faults: Sequence[Fault]) -> InvalidInput:
        """Refuse with everything that is wrong with it."""
        return cls.of(
            [
                InputFault(pointer=pointer, detail=detail, detail_ja=detail_ja)
                for pointer, detail, detail_ja in (_SENTENCES[fault] for fault in faults)
            ]
        )

"""What can be refused about protection.

Problem
├── NotFound
│   ├── MeasureNotFound          404
│   ├── OpeningNotFound          404
│   ├── AlertNotFound            404
│   └── PersonNotProtected       404
├── Forbidden
│   └── SecondOfficialNeeded     403
└── Conflict
    ├── MeasureStateConflict     409
    ├── ExtensionTooEarly        409
    └── OpeningStateConflict     409
"""

from foundation.problems import Conflict, Forbidden, NotFound


class MeasureNotFound(NotFound):
    """No such measure, or one that is not for this official to know; nobody can tell which."""

    slug = "registry/protection-measure-not-found"
    title = "There is no such measure of protection."
    title_ja = "該当する支援措置がありません。"
    remedy = "Check the number, or ask the official in charge of protection."
    remedy_ja = "番号を確認するか、支援措置の担当者に確認してください。"


class OpeningNotFound(NotFound):
    """No such request to see an address, or not one of this official's."""

    slug = "registry/address-opening-not-found"
    title = "There is no such request to see an address."
    title_ja = "該当する住所の開示申請がありません。"
    remedy = "Only who asked can see the address, once. Ask again if it is needed."
    remedy_ja = "住所を見られるのは、申請した職員本人が1回だけです。必要なら申請し直してください。"


class AlertNotFound(NotFound):
    """No such alert."""

    slug = "registry/protection-alert-not-found"
    title = "There is no such alert."
    title_ja = "該当する警告がありません。"
    remedy = "Choose one from the list of alerts."
    remedy_ja = "警告の一覧から選んでください。"


class PersonNotProtected(NotFound):
    """No such resident, or one whose address nobody hides."""

    slug = "registry/person-not-protected"
    title = "There is no such person under protection."
    title_ja = "支援措置の対象となっている該当者がいません。"
    remedy = "Look the person up first; an address that is not masked is in their record."
    remedy_ja = "先に住民の記録を確認してください。非開示でない住所は記録に表示されます。"


class SecondOfficialNeeded(Forbidden):
    """Whoever proposed or asked does not also decide."""

    slug = "registry/second-official-needed"
    title = "Another official has to decide this."
    title_ja = "起案・申請した職員とは別の職員が決める必要があります。"
    remedy = "Ask a colleague who is entitled to decide; one's own request is never one's to allow."
    remedy_ja = "決裁できる別の職員に依頼してください。自分の申請を自分で承認することはできません。"


class MeasureStateConflict(Conflict):
    """The step does not begin where the measure stands."""

    slug = "registry/protection-measure-state-conflict"
    title = "The measure does not stand where this step begins."
    title_ja = "支援措置の現在の状態では、この操作はできません。"
    remedy = "Read the measure; it goes on protecting whatever its state, until it is released."
    remedy_ja = "支援措置の状態を確認してください。解除されるまで、どの状態でも保護は続いています。"


class ExtensionTooEarly(Conflict):
    """An extension is recorded in the last month."""

    slug = "registry/protection-extension-too-early"
    title = "An extension is recorded from one month before the last day on."
    title_ja = "延長は、終了日の1か月前から受け付けます。"
    remedy = "Come back within the last month; nothing lapses before."
    remedy_ja = "終了日の1か月前以降に操作してください。それまでに保護が切れることはありません。"


class OpeningStateConflict(Conflict):
    """The time for it is over, or it was used."""

    slug = "registry/address-opening-state-conflict"
    title = "This request was decided, used, or has lapsed."
    title_ja = "この開示申請は、決裁済み・使用済み、または期限切れです。"
    remedy = "Ask again; a request is decided within 15 minutes and used once within 10 more."
    remedy_ja = (
        "申請し直してください。申請は15分以内に決裁し、承認後10分以内に1回だけ見ることができます。"
    )

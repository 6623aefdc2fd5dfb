"""What can be refused about paying.

Problem
├── NotFound
│   ├── ProposalNotFound        404
│   └── PayerNotFound           404
├── TransferFileNotReady        404
├── Forbidden
│   └── ProposerMayNotApprove   403
├── Conflict
│   ├── ProposalStateConflict   409
│   ├── ProposalOpen            409
│   ├── NothingToTransfer       409
│   ├── PayerMissing            409
│   ├── ProposalOutdated        409
│   └── TransferDayPassed       409
└── NotABankingDay              422
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import ClassVar

from foundation.problems import JSON, Conflict, Forbidden, NotFound, Problem


class ProposalNotFound(NotFound):
    """No such transfer proposal in this municipality."""

    slug = "benefits/proposal-not-found"
    title = "There is no such transfer proposal."
    title_ja = "該当する振込起案がありません。"
    remedy = "Choose a proposal from the list."
    remedy_ja = "振込起案の一覧から選び直してください。"


class PayerNotFound(NotFound):
    """The municipality's own account has not been entered."""

    slug = "benefits/payer-not-found"
    title = "The paying account has not been entered yet."
    title_ja = "振込元の口座が、まだ登録されていません。"
    remedy = "Enter it with PUT /benefits/v1/payer."
    remedy_ja = "振込元の口座と委託者コードを登録してください。"


class TransferFileNotReady(Problem):
    """The proposal has no file: not approved, or about to be sealed."""

    slug = "benefits/transfer-file-not-ready"
    status = HTTPStatus.NOT_FOUND
    title = "This proposal has no transfer file yet."
    title_ja = "この起案の振込データは、まだできていません。"
    remedy = "A file exists some seconds after the treasury's approval; ask again then."
    remedy_ja = "振込データは出納の承認後、数秒で作成されます。少し待ってからお試しください。"


class ProposerMayNotApprove(Forbidden):
    """One person never both proposes and approves a payment (地方自治法 第232条の4)."""

    slug = "benefits/proposer-may-not-approve"
    title = "Who proposed a transfer may not approve it."
    title_ja = "起案した本人は、その振込を承認できません。"
    remedy = "Ask another official of the treasury."
    remedy_ja = "出納の別の職員に承認を依頼してください。"


class ProposalStateConflict(Conflict):
    """The step does not begin where the proposal stands."""

    slug = "benefits/proposal-state-conflict"
    title = "The transfer proposal is not in a state that allows this."
    title_ja = "振込起案の現在の状態では、この操作はできません。"
    remedy = "Read the proposal to see where it stands."
    remedy_ja = "振込起案の状況を確認してください。"
    extension_schemas: ClassVar[Mapping[str, Mapping[str, JSON]]] = {"state": {"type": "string"}}


class ProposalOpen(Conflict):
    """While one proposal awaits the treasury, its money cannot be proposed again."""

    slug = "benefits/proposal-open"
    title = "Another proposal of this programme awaits approval."
    title_ja = "この給付事業には、承認待ちの振込起案があります。"
    remedy = "Wait until the treasury has approved or rejected it."
    remedy_ja = "出納の承認または却下をお待ちください。"


class NothingToTransfer(Conflict):
    """No application of the programme is granted and unpaid."""

    slug = "benefits/nothing-to-transfer"
    title = "There is nothing to transfer."
    title_ja = "振込の対象となる支給決定がありません。"
    remedy = "Grant applications first."
    remedy_ja = "先に支給決定を行ってください。"


class PayerMissing(Conflict):
    """A transfer file needs the account the money comes from."""

    slug = "benefits/payer-missing"
    title = "The paying account has not been entered yet."
    title_ja = "振込元の口座が、まだ登録されていません。"
    remedy = "Ask the treasury to enter it, then repeat this."
    remedy_ja = "出納で振込元の口座を登録した後、もう一度お試しください。"


class ProposalOutdated(Conflict):
    """What would be paid is no longer what was proposed, so an approval would mean nothing."""

    slug = "benefits/proposal-outdated"
    title = "An account or amount changed after this proposal was made; it is void."
    title_ja = "起案の後に口座または金額が変わったため、この振込起案は無効です。"
    remedy = "Reject this proposal and have the section propose anew."
    remedy_ja = "この起案を却下し、担当課であらためて起案してください。"


class TransferDayPassed(Conflict):
    """A bank cannot carry out today what was to happen before, so no file is made of it."""

    slug = "benefits/transfer-day-passed"
    title = "The day of the transfer is not ahead any more."
    title_ja = "振込日を過ぎているため、承認できません。"
    remedy = "Reject this proposal and have the section propose a new day."
    remedy_ja = "この起案を却下し、担当課で新しい振込日を指定して起案してください。"


class NotABankingDay(Problem):
    """Banks carry nothing out on that day, or it is no longer ahead."""

    slug = "benefits/not-a-banking-day"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "Choose a future day on which banks are open."
    title_ja = "振込日には、明日以降の銀行営業日を指定してください。"
    remedy = "Name a working day after today, not between 31 December and 3 January."
    remedy_ja = "土日祝日と12月31日から1月3日までを除く、明日以降の日を指定してください。"

"""Who may do what in the benefits service, and for which purpose: one table, read as the rule."""

from foundation.authorization import CARD_WITHIN_5_MINUTES, PolicyTable, permission
from foundation.identity import Purpose, Role

_SECTION = (Role.BENEFITS_OFFICER,)
_TREASURY = (Role.TREASURER,)
_ONLOOKERS = (
    Role.BENEFITS_OFFICER,
    Role.TREASURER,
    Role.CLERK,
    Role.ADMINISTRATOR,
    Role.AUDITOR,
)

DEFINE_PROGRAMME = permission(
    "benefits.programme.define",
    scope="benefits:write",
    officials=_SECTION,
    purposes=(Purpose.OPERATION,),
    description_ja="給付事業を定め、公開し、締め切る",
)
READ_PROGRAMMES = permission(
    "benefits.programme.read",
    scope="benefits:read",
    residents=True,
    officials=_ONLOOKERS,
    machines=True,
    purposes=(Purpose.OPERATION,),
    description_ja="給付事業の内容を見る",
)
READ_PROGRESS = permission(
    "benefits.programme.progress",
    scope="benefits:read",
    officials=_ONLOOKERS,
    machines=True,
    purposes=(Purpose.OPERATION,),
    description_ja="給付事業の進み具合を件数と金額で見る",
)
EXTRACT_ROSTER = permission(
    "benefits.roster.extract",
    scope="benefits:write",
    officials=_SECTION,
    purposes=(Purpose.APPLICATION,),
    personal=True,
    description_ja="住民登録と課税の情報から対象世帯を抽出する",
)
READ_ROSTER = permission(
    "benefits.roster.read",
    scope="benefits:read",
    officials=_SECTION,
    purposes=(Purpose.APPLICATION,),
    personal=True,
    description_ja="対象者リストを見る",
)
READ_OWN_OFFERS = permission(
    "benefits.offer.read",
    scope="benefits:read",
    residents=True,
    purposes=(Purpose.APPLICATION,),
    personal=True,
    description_ja="自分の世帯への給付のお知らせを見る",
)
CONFIRM_APPLICATION = permission(
    "benefits.application.confirm",
    scope="benefits:write",
    residents=True,
    purposes=(Purpose.APPLICATION,),
    personal=True,
    assurance=CARD_WITHIN_5_MINUTES,
    description_ja="給付の内容を確認し、振込口座を届け出る",
)
DECLINE_APPLICATION = permission(
    "benefits.application.decline",
    scope="benefits:write",
    residents=True,
    purposes=(Purpose.APPLICATION,),
    personal=True,
    description_ja="給付を辞退する",
)
CHANGE_BANK_ACCOUNT = permission(
    "benefits.bank_account.change",
    scope="benefits:write",
    residents=True,
    purposes=(Purpose.APPLICATION,),
    personal=True,
    assurance=CARD_WITHIN_5_MINUTES,
    description_ja="届け出た振込口座を変更する",
)
READ_APPLICATION = permission(
    "benefits.application.read",
    scope="benefits:read",
    residents=True,
    officials=(Role.BENEFITS_OFFICER, Role.CLERK),
    purposes=(Purpose.APPLICATION,),
    personal=True,
    description_ja="申請の内容と状況を見る",
)
READ_DOCUMENT = permission(
    "benefits.application.document",
    scope="benefits:read",
    residents=True,
    purposes=(Purpose.APPLICATION,),
    personal=True,
    description_ja="署名する申請の文書を見る",
)
LIST_APPLICATIONS = permission(
    "benefits.application.list",
    scope="benefits:read",
    officials=_SECTION,
    purposes=(Purpose.APPLICATION,),
    personal=True,
    description_ja="申請の一覧を見る",
)
DECIDE_APPLICATION = permission(
    "benefits.application.decide",
    scope="benefits:write",
    officials=_SECTION,
    purposes=(Purpose.APPLICATION,),
    personal=True,
    description_ja="支給または不支給を決定する",
)
RETURN_APPLICATION = permission(
    "benefits.application.return",
    scope="benefits:write",
    officials=_SECTION,
    purposes=(Purpose.APPLICATION,),
    personal=True,
    description_ja="申請の補正を求める",
)
READ_PAYER = permission(
    "benefits.payer.read",
    scope="benefits:read",
    officials=(Role.TREASURER, Role.ADMINISTRATOR),
    purposes=(Purpose.OPERATION,),
    description_ja="振込元の口座と委託者コードを見る",
)
SET_PAYER = permission(
    "benefits.payer.set",
    scope="benefits:pay",
    officials=(Role.TREASURER, Role.ADMINISTRATOR),
    purposes=(Purpose.OPERATION,),
    description_ja="振込元の口座と委託者コードを定める",
)
PROPOSE_TRANSFER = permission(
    "benefits.transfer.propose",
    scope="benefits:write",
    officials=_SECTION,
    purposes=(Purpose.PAYMENT,),
    personal=True,
    description_ja="支給決定した申請の振込を起案する",
)
READ_PROPOSALS = permission(
    "benefits.transfer.read",
    scope="benefits:read",
    officials=(Role.BENEFITS_OFFICER, Role.TREASURER),
    purposes=(Purpose.PAYMENT,),
    description_ja="振込起案の件数と金額を見る",
)
APPROVE_TRANSFER = permission(
    "benefits.transfer.approve",
    scope="benefits:pay",
    officials=_TREASURY,
    purposes=(Purpose.PAYMENT,),
    personal=True,
    description_ja="振込起案を承認または却下する",
)
DOWNLOAD_TRANSFER_FILE = permission(
    "benefits.transfer.download",
    scope="benefits:pay",
    officials=_TREASURY,
    purposes=(Purpose.PAYMENT,),
    personal=True,
    description_ja="銀行に渡す振込データを取り出す",
)
SETTLE_TRANSFER = permission(
    "benefits.transfer.settle",
    scope="benefits:pay",
    officials=_TREASURY,
    purposes=(Purpose.PAYMENT,),
    personal=True,
    description_ja="銀行による振込の実行を記録する",
)

PERMISSIONS = PolicyTable(
    "benefits",
    [
        DEFINE_PROGRAMME,
        READ_PROGRAMMES,
        READ_PROGRESS,
        EXTRACT_ROSTER,
        READ_ROSTER,
        READ_OWN_OFFERS,
        CONFIRM_APPLICATION,
        DECLINE_APPLICATION,
        CHANGE_BANK_ACCOUNT,
        READ_APPLICATION,
        READ_DOCUMENT,
        LIST_APPLICATIONS,
        DECIDE_APPLICATION,
        RETURN_APPLICATION,
        READ_PAYER,
        SET_PAYER,
        PROPOSE_TRANSFER,
        READ_PROPOSALS,
        APPROVE_TRANSFER,
        DOWNLOAD_TRANSFER_FILE,
        SETTLE_TRANSFER,
    ],
)

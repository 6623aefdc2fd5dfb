"""Every parameter of the house. A key stands for ever: values of years ago are kept under it."""

from collections.abc import Mapping
from typing import Final

from foundation.identifiers import CodeKind

from .declaration import Declaration, Kind, Unit

_EVERY_LEVEL: Final = frozenset(CodeKind)
_NATION_AND_TOWN: Final = frozenset({CodeKind.NATION, CodeKind.MUNICIPALITY})

BROWSER_IDLE: Final = Declaration(
    key="platform.browser_idle_minutes",
    kind=Kind.INTEGER,
    unit=Unit.MINUTES,
    default=30,
    least=5,
    most=60,
    set_by=_NATION_AND_TOWN,
    read_by="platform",
    is_public=True,
    description_ja="ブラウザーで何もしないとき、サインインが終わるまでの時間",
    description_en="How long a browser may do nothing before its sign-in ends",
    ground_ja="席を離れた画面を他人に使わせないため(OWASP ASVS 7.3.1)",
    ground_en="An unattended screen must not serve the next person (OWASP ASVS 7.3.1)",
)
SLIP: Final = Declaration(
    key="platform.slip_days",
    kind=Kind.DAYS,
    unit=Unit.DAYS,
    default=7,
    least=1,
    most=30,
    set_by=_EVERY_LEVEL,
    read_by="platform",
    is_public=True,
    description_ja="窓口で示す番号の有効日数",
    description_en="How long the code shown at the counter is good",
    ground_ja="次に窓口へ行くまでの日数は、自治体の開庁日と広さによって異なるため",
    ground_en="How soon somebody reaches the counter depends on its hours and on the distance",
)
MANDATE_SIGNATURE: Final = Declaration(
    key="platform.mandate_signature_days",
    kind=Kind.DAYS,
    unit=Unit.DAYS,
    default=30,
    least=7,
    most=90,
    set_by=_NATION_AND_TOWN,
    read_by="platform",
    is_public=True,
    description_ja="委任状の電子署名を、署名から何日まで受け付けるか",
    description_en="How old the signature under a mandate may be when it is sent in",
    ground_ja="任意代理は本人の現在の意思によるため(民法第111条・第651条)",
    ground_en="A mandate rests on the person's present will (Civil Code, Articles 111 and 651)",
)
RESTORE_DRILL: Final = Declaration(
    key="platform.restore_drill_days",
    kind=Kind.DAYS,
    unit=Unit.DAYS,
    default=365,
    least=30,
    most=365,
    set_by=_EVERY_LEVEL,
    read_by="platform",
    description_ja="復元訓練を有効とみなす日数",
    description_en="For how long a restore drill counts",
    ground_ja="地方公共団体における情報セキュリティポリシーに関するガイドライン(バックアップの確認)",
    ground_en="The ministry's security guideline for local governments: backups are tried out",
)
PROTECTION_NOTICE: Final = Declaration(
    key="registry.protection_notice_days",
    kind=Kind.DAYS,
    unit=Unit.DAYS,
    default=28,
    least=28,
    most=90,
    set_by=_EVERY_LEVEL,
    read_by="registry",
    description_ja="支援措置の期間満了を、少なくとも何日前に知らせるか(1か月前より遅くはならない)",
    description_en=(
        "How many days ahead, at the latest, the ending of a protection measure is announced;"
        " never later than a month ahead"
    ),
    ground_ja="住民基本台帳事務処理要領 第5-10。延長の申出は満了の1か月前から受け付ける",
    ground_en="Guideline on the Basic Resident Register, 5-10: extension from a month before",
)
OPENING_APPROVAL: Final = Declaration(
    key="registry.opening_approval_minutes",
    kind=Kind.INTEGER,
    unit=Unit.MINUTES,
    default=15,
    least=5,
    most=60,
    set_by=_NATION_AND_TOWN,
    read_by="registry",
    description_ja="非開示住所の閲覧請求を、もう一人の職員が承認するまでの時間",
    description_en="How long a request to see a protected address waits for a second official",
    ground_ja="住民基本台帳事務処理要領 第5-10。古い請求で住所を開かないため",
    ground_en="Guideline on the Basic Resident Register, 5-10: no address by a stale request",
)
OPENING_VIEW: Final = Declaration(
    key="registry.opening_view_minutes",
    kind=Kind.INTEGER,
    unit=Unit.MINUTES,
    default=10,
    least=1,
    most=30,
    set_by=_NATION_AND_TOWN,
    read_by="registry",
    description_ja="承認された非開示住所を一度だけ閲覧できる時間",
    description_en="How long the one allowed look at a protected address may be taken",
    ground_ja="住民基本台帳事務処理要領 第5-10。承認した場面でだけ見せるため",
    ground_en="Guideline on the Basic Resident Register, 5-10: for the occasion it was allowed for",
)
ALL: Final = (
    BROWSER_IDLE,
    SLIP,
    MANDATE_SIGNATURE,
    RESTORE_DRILL,
    PROTECTION_NOTICE,
    OPENING_APPROVAL,
    OPENING_VIEW,
)
BY_KEY: Final[Mapping[str, Declaration]] = {one.key: one for one in ALL}

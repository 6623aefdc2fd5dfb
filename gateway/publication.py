"""What stands before the operations in the published interface: title, tags, scopes, sign-in."""

from collections.abc import Iterable
from typing import Any, Final

Document = dict[str, Any]

SCHEME: Final = "tamaire"
REGISTRATION: Final = "registration"
"""The token a vendor manages its own registration with; it opens nothing else."""
TITLE: Final = "Tamaire API"
VERSION: Final = "1.0.0"
_DESCRIPTION: Final = (
    "自治体のための共同利用サービス。給付・窓口・相談の各サービスを、サインインした自治体の"
    "データだけに対して提供します。\n\n"
    "One shared house for every municipality: benefits, counter and consultation services, each "
    "for the one municipality that the access token names. Every refusal is a problem document "
    "(RFC 9457) explained at `/problems`."
)
_TAGS: Final = {
    "benefits: applications": "申請: 住民への案内、申請と口座、対象者名簿、進捗",
    "benefits: assessments": "審査: 支給・不支給の決定、補正の依頼",
    "benefits: disbursements": "振込: 振込案、出納の承認、振込ファイル、結果の記録",
    "benefits: events": "給付の出来事 (連携用)",
    "benefits: programmes": "給付事業: 要件と金額の定義、公開、終了",
    "consultation: cases": "相談ケース: 受付、担当者、分類、終結",
    "consultation: consultations": "相談記録: 記録と訂正",
    "consultation: events": "相談の出来事 (連携用)",
    "platform: documentation": "このAPIの説明と、お断りの一覧",
    "platform: oauth": "サインインとトークン (OAuth 2.1、OpenID Connect)",
    "platform: access-logs": "入口の記録: だれが、いつ、どの操作をしたか",
    "platform: aggregates": "集計: 国と都道府県が見る、市区町村ごとの件数 (個人は特定できません)",
    "platform: assistance": "支援: 他の団体の職員が期限つきで操作することへの同意、確定、撤回",
    "platform: bindings": "窓口での本人確認: 番号札、住民登録との結び付け、その解除",
    "platform: consents": "住民がアプリに与えた許可と、その取消し",
    "platform: events": "共通基盤の出来事 (連携用)",
    "platform: identity-providers": "自治体の認証基盤: 登録、検査、テスト、開始、終了",
    "platform: membership": "自治体の利用: 段階、チェックリスト、開始と休止、サービスの参加",
    "platform: me": "サインイン中の本人と、自分の情報の利用記録",
    "platform: municipalities": "自治体の一覧",
    "platform: officials": "職員の一覧と、ある日の役割",
    "platform: operators": "運営者: 自治体の受入れと、その段階",
    "platform: parameters": "設定値: 由来、期間、履歴、国の標準との違い",
    "platform: reassignments": "人事異動の一括登録: 検査、確定、取下げ",
    "platform: representations": "代理: 登録、請求、確認、終了",
    "platform: revocations": "サインイン状態や利用許可の取消し",
    "platform: vendors": "事業者: 登録、鍵、利用申請、許可の一覧と取消し",
    "platform: role-grants": "役割の付与: 開始日、終了日、もう一人の承認",
    "platform: services": "サービスの休止と再開、紙で手続きできる窓口",
    "platform: session": "ブラウザーの画面のためのセッション",
    "platform: sessions": "自分のサインインの一覧と終了",
    "platform: signatures": "マイナンバーカードによる署名と、その証拠",
    "registry: changes": "住民情報の異動 (連携用)",
    "registry: events": "住民情報の出来事 (連携用)",
    "registry: imports": "住民情報の取込み: 検査、確定、破棄",
    "registry: protection": "支援措置: 申出、決定、延長、解除、住所の開示",
    "registry: residents": "住民と世帯: 検索、照会、照合",
    "window-dx: events": "窓口の出来事 (連携用)",
    "window-dx: receptions": "受付: 発券、呼出し、保留、引継ぎ、完了",
    "window-dx: windows": "窓口の設置と一覧",
}
_AREAS: Final = {
    "benefits": "給付",
    "consultation": "相談",
    "openid": "本人の確認 (OpenID Connect)",
    "platform": "共通基盤",
    "registry": "住民情報",
    "window-dx": "窓口",
}
_ACTIONS: Final = {
    "": "",
    "events": "出来事を受け取る",
    "import": "取り込む",
    "introspect": "トークンを確かめる",
    "match": "照合する",
    "pay": "支払う",
    "read": "読む",
    "self": "本人が自分の許可とサインインを見て、終える",
    "write": "記録・変更する",
}


def front_matter(issuer: str, tags: Iterable[str]) -> Document:
    """Return everything of the document that comes before its paths."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": TITLE,
            "version": VERSION,
            "summary": "自治体の給付・窓口・相談を一つの入口から",
            "description": _DESCRIPTION,
            "contact": {"name": "Tamaire", "url": f"{issuer}/docs"},
        },
        "servers": [{"url": issuer, "description": "この共同利用サービスの入口"}],
        "tags": [{"name": tag, "description": _TAGS.get(tag, tag)} for tag in tags],
    }


def security_scheme(issuer: str, scopes: frozenset[str]) -> Document:
    """Return the one way to sign in, with every scope in use."""
    named = {scope: _meaning(scope) for scope in sorted(scopes)}
    token = f"{issuer}/oauth/token"
    return {
        "type": "oauth2",
        "description": (
            "住民・職員は認可コード + PKCE、事業者のシステムは自身の署名による証明。\n\n"
            "People: authorization code with PKCE. Machines: a signed assertion."
        ),
        "flows": {
            "authorizationCode": {
                "authorizationUrl": f"{issuer}/oauth/authorize",
                "tokenUrl": token,
                "refreshUrl": token,
                "scopes": named,
            },
            "clientCredentials": {"tokenUrl": token, "scopes": named},
        },
    }


def registration_scheme() -> Document:
    """Return how a vendor shows that a registration is its own (RFC 7592 §1.2)."""
    return {
        "type": "http",
        "scheme": "bearer",
        "description": (
            "クライアント登録時に受け取った registration_access_token。\n\n"
            "The registration_access_token given at registration."
        ),
    }


def _meaning(scope: str) -> str:
    area, _, action = scope.partition(":")
    spoken = _AREAS.get(area, area), _ACTIONS.get(action, action)
    return ": ".join(word for word in spoken if word)

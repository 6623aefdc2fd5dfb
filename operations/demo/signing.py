"""How somebody signs a document with their card: from the application to the provider and back.

The page shows the document's digest and asks for the signing certificate's PIN (署名用電子証明書),
which is another one than that of signing in.
"""

from http import HTTPStatus
from urllib.parse import parse_qsl, urljoin, urlsplit

from operations.population.simulator import SIGN_PIN

from .players import Player
from .signin import FormReader
from .stage import Answer, Call, Stage

_STEP = "/sign-document"
_RETURN_TO = "/demo/callback"
_PURPOSE = "benefits.application.confirm"


async def sign(stage: Stage, person: Player, document: Answer, *, card_id: str) -> str:
    """Have a person sign a document and return the signature's identifier, once it is believed.

    Raises:
        Unexpected: a step of it went otherwise.
    """
    asked = await person.post(
        "/platform/v1/signatures",
        {
            "document_digest": document["digest"],
            "purpose": _PURPOSE,
            "statement": document["statement"],
            "return_to": f"{stage.base_url}{_RETURN_TO}",
        },
        expect=HTTPStatus.CREATED,
    )
    asked.tell(f"電子署名を求められました:{asked['statement']}")
    left = await stage.make(
        Call(who=person.who, method="GET", url=str(asked["location"]), expect=HTTPStatus.SEE_OTHER)
    )
    left.tell("入口が文書のハッシュ値だけを渡し、署名の画面へ案内しました", is_aside=True)
    proven = await _put_name(stage, person, left, card_id=card_id)
    back = await stage.make(
        Call(
            who=person.who,
            method="GET",
            url=proven.response.headers["location"],
            expect=HTTPStatus.SEE_OTHER,
        )
    )
    given = dict(parse_qsl(urlsplit(back.response.headers["location"]).query))
    back.must("署名の状態", be="verified", found=given.get("signature_state"))
    back.tell("署名値、証明書の発行者・種別・期限・失効(CRL と OCSP)、本人との一致を確かめました")
    seen = await person.get(f"/platform/v1/signatures/{asked['id']}")
    seen.must("署名の状態", be="verified", found=seen["state"])
    seen.must("文書", be=document["digest"], found=seen["document_digest"])
    seen.tell(f"証明書の基本4情報と住民登録:{seen['holder_match']}", is_aside=True)
    return str(asked["id"])


async def _put_name(stage: Stage, person: Player, left: Answer, *, card_id: str) -> Answer:
    """Open the provider's page, and sign what it shows."""
    address = left.response.headers["location"]
    page = await stage.make(Call(who=person.who, method="GET", url=address, expect=HTTPStatus.OK))
    form = FormReader.find(page.response.text, action_ending=_STEP)
    if form is None:
        raise page.unexpected(f"{_STEP} への入力欄", "入力欄のない画面")
    page.tell("署名の画面を開きました", is_aside=True)
    signed = await stage.make(
        Call(
            who=person.who,
            method="POST",
            url=urljoin(address, form.action),
            expect=HTTPStatus.SEE_OTHER,
            form={**form.hidden, "card_id": card_id, "sign_pin": SIGN_PIN},
        )
    )
    signed.tell("仮想マイナンバーカードで署名しました(署名用の暗証番号)")
    return signed

"""`tamaire keys generate`: a key for a vendor's client, made where it is used and never sent.

Any library makes one; this is for whoever has the repository and no library at hand.
"""

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from foundation.identity import SigningKey

from .failures import Failure, explained

File = Annotated[
    Path, typer.Argument(help="秘密鍵を書くファイル / the file for the private key (mode 0600).")
]
Algorithm = Annotated[str, typer.Option("--algorithm", help="ES256 か Ed25519 / one of the two.")]
_KNOWN = ("ES256", "Ed25519")


class KeyExists(Failure):
    """A private key is never written over: its public half may be in use somewhere."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} はすでにあります。鍵は上書きしません。",
            f"{path} exists. A key is never written over.",
            remedy_ja="別のファイル名を指定してください。",
            remedy="Name another file.",
        )


class UnknownAlgorithm(Failure):
    """Only what the gateway verifies is made."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"「{name}」という方式は使えません。",
            f"{name} is not an algorithm that is taken here.",
            remedy_ja="ES256 か Ed25519 を指定してください。",
            remedy="Say ES256 or Ed25519.",
        )


def generate(*, file: File, algorithm: Algorithm = "ES256") -> None:
    """事業者の鍵を作り、登録する公開鍵を表示する / Make a vendor's key; print its public half."""
    if algorithm not in _KNOWN:
        raise UnknownAlgorithm(algorithm)
    key = SigningKey.generate(algorithm)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as private:
            private.write(key.pem())
    except FileExistsError as error:
        raise KeyExists(file) from error
    except OSError as error:
        raise explained(error, file) from error
    print(json.dumps({"keys": [key.public()]}, indent=1))

"""A fresh simulated world per test; the slow part, RSA keys, is made once per test run."""

import asyncio
import shutil
from pathlib import Path

import pytest

from tests.infra.identity.world import World, card, write_lists

CARDS = [
    card("hanako"),
    card("taro", name="北見 太郎", gender="1", birth_on="1948-11-02"),
    card("child", name="北見 小太郎", birth_on="2015-04-01", sign_pin=None),
    card("expired", condition="expired"),
    card("revoked", condition="revoked"),
    card("locked", condition="locked"),
    card("wrong-policy", condition="wrong_policy"),
    card("wrong-root", condition="wrong_root"),
    card("weak-key", condition="weak_key"),
    card("wrong-key", condition="wrong_key"),
    card("moved", condition="moved"),
    card("sign-locked", condition="sign_locked"),
    card("ward", condition="ward"),
    card("phone", person="hanako", carrier="phone"),
    card("renewed", person="hanako", renewals=1),
    card("reissued", person="hanako-2"),
    card("momo", municipality_code="302082", name="紀の川 もも", address="和歌山県紀の川市"),
]


@pytest.fixture(scope="session")
def used_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulator's directory in which the root and one card have been used already."""
    directory = tmp_path_factory.mktemp("simulator")
    write_lists(directory, CARDS)
    asyncio.run(World(directory).resident_client().code_by_card())
    return directory


@pytest.fixture
def directory(used_directory: Path, tmp_path: Path) -> Path:
    return shutil.copytree(used_directory, tmp_path / "simulator")


@pytest.fixture
def world(directory: Path) -> World:
    return World(directory)

"""The tree is the one of RFC 6962, so that any tool for such logs can check ours."""

from hashlib import sha256

import pytest
from hypothesis import given, strategies as st

from foundation.audit.merkle import Tree, leaf_hash, node_hash

# The inputs and roots published with Certificate Transparency's reference implementation.
INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def root_by_definition(leaves: list[bytes]) -> bytes:
    """Return MTH of RFC 6962 §2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(root_by_definition(leaves[:k]), root_by_definition(leaves[k:]))


def grown(leaves: list[bytes]) -> Tree:
    tree = Tree()
    for leaf in leaves:
        tree.add(leaf_hash(leaf))
    return tree


class TestRoot:
    @pytest.mark.parametrize("size", ROOTS)
    def test_is_the_published_one(self, size: int) -> None:
        assert grown(INPUTS[:size]).root.hex() == ROOTS[size]

    @given(leaves=st.lists(st.binary(max_size=4), max_size=70))
    def test_is_that_of_the_definition(self, leaves: list[bytes]) -> None:
        assert grown(leaves).root == root_by_definition(leaves)

    @given(
        leaves=st.lists(st.binary(max_size=2), min_size=2, max_size=40, unique=True),
        data=st.data(),
    )
    def test_shows_an_exchange_of_any_two(self, leaves: list[bytes], data: st.DataObject) -> None:
        one, other = data.draw(
            st.lists(st.sampled_from(range(len(leaves))), min_size=2, max_size=2, unique=True)
        )
        exchanged = list(leaves)
        exchanged[one], exchanged[other] = leaves[other], leaves[one]
        assert grown(exchanged).root != grown(leaves).root


class TestRestored:
    @given(
        before=st.lists(st.binary(max_size=2), max_size=40),
        after=st.lists(st.binary(max_size=2), max_size=40),
    )
    def test_grows_on_as_if_never_stored(self, before: list[bytes], after: list[bytes]) -> None:
        first = grown(before)
        tree = Tree.restored(first.size, first.peaks)
        for leaf in after:
            tree.add(leaf_hash(leaf))
        assert tree.root == grown(before + after).root

    def test_refuses_peaks_of_another_size(self) -> None:
        with pytest.raises(ValueError, match="subtrees"):
            Tree.restored(3, b"\x00" * 32)

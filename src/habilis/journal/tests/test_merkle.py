"""Tree and proofs, against the definitions of RFC 9162 written a second time, and against published vectors."""

import json
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habilis.journal.tree import merkle
from habilis.journal.tree.merkle import InvalidProof
from habilis.journal.tree.vectors import vectors


def naive_root(data):
    """RFC 9162, 2.1.1, word for word."""
    if not data:
        return sha256(b"").digest()
    if len(data) == 1:
        return sha256(b"\x00" + data[0]).digest()
    k = naive_split(len(data))
    return sha256(b"\x01" + naive_root(data[:k]) + naive_root(data[k:])).digest()


def naive_split(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def naive_path(m, data):
    """PATH of 2.1.3.1."""
    if len(data) == 1:
        return []
    k = naive_split(len(data))
    if m < k:
        return [*naive_path(m, data[:k]), naive_root(data[k:])]
    return [*naive_path(m - k, data[k:]), naive_root(data[:k])]


def naive_proof(m, data, whole=True):
    """SUBPROOF of 2.1.4.1."""
    if m == len(data):
        return [] if whole else [naive_root(data)]
    k = naive_split(len(data))
    if m <= k:
        return [*naive_proof(m, data[:k], whole), naive_root(data[k:])]
    return [*naive_proof(m - k, data[k:], False), naive_root(data[:k])]


def nodes_over(data):
    return lambda level, index: naive_root(data[index << level : (index + 1) << level])


leaves = st.lists(st.binary(max_size=3), min_size=1, max_size=70)


@given(leaves)
def test_incremental_root_is_the_recursive_one(data):
    assert merkle.root_of([merkle.leaf_hash(one) for one in data]) == naive_root(data)
    assert merkle.tree_root(len(data), nodes_over(data)) == naive_root(data)


@given(leaves, st.data())
def test_inclusion_proof_is_the_recursive_one_and_verifies(data, draw):
    index = draw.draw(st.integers(0, len(data) - 1))
    proof = merkle.inclusion_proof(index, len(data), nodes_over(data))
    assert proof == naive_path(index, data)
    merkle.verify_inclusion(index, len(data), merkle.leaf_hash(data[index]), proof, naive_root(data))


@given(leaves, st.data())
def test_consistency_proof_is_the_recursive_one_and_verifies(data, draw):
    old = draw.draw(st.integers(1, len(data)))
    proof = merkle.consistency_proof(old, len(data), nodes_over(data))
    assert proof == naive_proof(old, data)
    merkle.verify_consistency(old, len(data), naive_root(data[:old]), naive_root(data), proof)


@settings(max_examples=300)
@given(leaves, st.data())
def test_proof_with_one_bit_changed_is_refused(data, draw):
    index = draw.draw(st.integers(0, len(data) - 1))
    parts = [merkle.leaf_hash(data[index]), naive_root(data), *naive_path(index, data)]
    place, bit = draw.draw(st.integers(0, len(parts) - 1)), draw.draw(st.integers(0, 255))
    parts[place] = (int.from_bytes(parts[place], "big") ^ (1 << bit)).to_bytes(32, "big")
    with pytest.raises(InvalidProof):
        merkle.verify_inclusion(index, len(data), parts[0], parts[2:], parts[1])


def test_vectors_of_the_rfc_hold():
    """Hashes that RFC 6962 defines without a tree: of nothing, of an empty leaf, of two leaves."""
    assert merkle.CompactRange().root().hex().startswith("e3b0c44298fc1c149afbf4c8996fb924")
    assert merkle.leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    pair = sha256(b"\x01" + merkle.leaf_hash(b"") + merkle.leaf_hash(b"\x00")).digest()
    assert merkle.root_of([merkle.leaf_hash(b""), merkle.leaf_hash(b"\x00")]) == pair
    assert pair.hex() == "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"


@pytest.mark.parametrize("size", [0, -1])
def test_empty_tree_proves_nothing(size):
    root = naive_root([])
    with pytest.raises(InvalidProof):
        merkle.verify_inclusion(0, size, root, [], root)
    with pytest.raises(InvalidProof):
        merkle.verify_consistency(size, 1, root, root, [])


@pytest.mark.real_data
def test_published_vectors_are_all_judged_as_they_say(real_data):
    results = list(vectors(real_data / "tlog"))
    assert len(results) == 98
    assert [path.name for path, passed in results if not passed] == []


@pytest.mark.real_data
def test_verifier_that_accepts_all_fails_the_vectors(real_data, monkeypatch):
    monkeypatch.setattr("habilis.journal.tree.vectors.verify_inclusion", lambda *_: None)
    monkeypatch.setattr("habilis.journal.tree.vectors.verify_consistency", lambda *_: None)
    assert sum(not passed for _, passed in vectors(real_data / "tlog")) > 80


def test_file_that_is_no_vector_fails(tmp_path):
    (tmp_path / "inclusion").mkdir()
    for name, text in {"a": "{", "b": json.dumps({"wantErr": True}), "c": "[]"}.items():
        (tmp_path / "inclusion" / f"{name}.json").write_text(text)
    assert [passed for _, passed in vectors(tmp_path)] == [False] * 3

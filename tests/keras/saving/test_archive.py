"""Zip files that are damaged, wrong, or made to do harm: a clear error."""

from __future__ import annotations

import zipfile

import pytest

import scratchnet
from scratchnet.keras.configs import limits
from tests.support.keras_programs import complain_alike
from tests.support.model_files import CONFIG, WEIGHTS, load, packed


def test_a_good_file_can_be_loaded(members, tmp_path):
    assert (
        scratchnet.keras.models.load_model(packed(tmp_path / "a.keras", members)).count_params()
        == 11
    )


def test_what_is_no_zip(tmp_path):
    path = tmp_path / "a.keras"
    complain_alike(load(path), "File not found", "must exist")
    path.write_bytes(b"")
    complain_alike(load(path), "accessible `.keras` zip file", str(path))
    path.write_bytes(b"not a zip file" * 99)
    complain_alike(load(path), "accessible `.keras` zip file", str(path))


def test_a_zip_that_was_cut_off(members, tmp_path):
    path = packed(tmp_path / "a.keras", members)
    whole = path.read_bytes()
    for size in (10, len(whole) // 2, len(whole) - 5):
        path.write_bytes(whole[:size])
        complain_alike(load(path), "accessible `.keras` zip file", "a.keras")


@pytest.mark.parametrize("missing", [CONFIG, WEIGHTS])
def test_missing_members(missing, members, tmp_path):
    rest = {name: content for name, content in members.items() if name != missing}
    complain_alike(load(packed(tmp_path / "a.keras", rest)), missing, "a.keras")


def test_the_metadata_may_be_missing(members, tmp_path):
    rest = {name: content for name, content in members.items() if name != "metadata.json"}
    assert scratchnet.keras.models.load_model(packed(tmp_path / "a.keras", rest)).built


@pytest.mark.parametrize(
    "name", ["../evil.py", "/etc/evil", "assets/../../evil", "..\\evil", "C:/evil"]
)
def test_members_that_reach_out_of_their_folder(name, members, tmp_path):
    path = packed(tmp_path / "a.keras", members)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(zipfile.ZipInfo(name), b"print('evil')")
    before = sorted(tmp_path.parent.rglob("*"))
    with pytest.raises(ValueError, match=r"a\.keras.*reaches out of its folder"):
        scratchnet.keras.models.load_model(path)
    assert sorted(tmp_path.parent.rglob("*")) == before


def test_two_members_of_one_name(members, tmp_path):
    path = packed(tmp_path / "a.keras", members)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr(CONFIG, b"{}")
    with pytest.raises(ValueError, match="two members of one name"):
        scratchnet.keras.models.load_model(path)


def test_a_member_that_unpacks_to_far_more_than_is_stored(members, tmp_path):
    bomb = {**members, CONFIG: b" " * (65 * limits.MIB)}
    path = packed(tmp_path / "a.keras", bomb, zipfile.ZIP_DEFLATED)
    with pytest.raises(ValueError, match=r"a\.keras.*unpacks to"):
        scratchnet.keras.models.load_model(path)


def test_a_member_with_a_wrong_checksum(members, tmp_path):
    path = packed(tmp_path / "a.keras", members)
    content = bytearray(path.read_bytes())
    content[content.index(b'"class_name"') + 3] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(ValueError, match=r"config\.json is damaged.*CRC"):
        scratchnet.keras.models.load_model(path)


def test_a_size_that_no_memory_holds(members, tmp_path, monkeypatch):
    path = packed(tmp_path / "a.keras", members)

    def read(*args):
        raise MemoryError

    monkeypatch.setattr(zipfile.ZipFile, "read", read)
    with pytest.raises(ValueError, match=r"a\.keras.*config\.json is damaged"):
        scratchnet.keras.models.load_model(path)

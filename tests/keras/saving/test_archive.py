"""Zip files that are damaged, wrong, or made to do harm: a clear error."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

import scratchnet
from scratchnet.keras.configs import limits
from scratchnet.keras.saving.archive import Archive, parsed, path_of
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


def archive_of(path, members):
    return Archive(str(packed(path, members)), "label")


def test_members_are_read_by_name(tmp_path):
    texts = {"assets/a/x.txt": "ä", "assets/a/y.txt": "y", "assets/b/c/x.txt": "", "x.txt": "no"}
    members = {name: text.encode() for name, text in texts.items()}
    with archive_of(tmp_path / "a", {**members, "assets/z": b"\xff", "j": b"[1]"}) as archive:
        assert archive.read("x.txt") == b"no"
        assert archive.opened("assets/z").read() == b"\xff"
        assert archive.json("j") == [1]
        assert archive.texts("assets/") == {
            "assets/a": {"x.txt": "ä", "y.txt": "y"},
            "assets/b/c": {"x.txt": ""},
        }
        with pytest.raises(KeyError, match="label: there is no q in the archive"):
            archive.read("q")
        with pytest.raises(ValueError, match="label: Expected a q file in the archive"):
            archive.opened("q")
        with pytest.raises(
            json.JSONDecodeError, match=r"^label: x.txt is not JSON: Expecting value"
        ):
            archive.json("x.txt")
    with pytest.raises(ValueError, match="that was already closed"):
        archive.read("x.txt")
    with archive_of(tmp_path / "b", {"assets/z.txt": b"\xff"}) as archive:
        with pytest.raises(ValueError, match=r"label: assets/z.txt is no text: "):
            archive.texts("assets/")


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("a/b.txt", True),
        ("a..b", True),
        ("a/C:b", True),
        ("..a/b", True),
        ("/a", False),
        ("\\a", False),
        ("..", False),
        ("a/..", False),
        ("a\\..\\b", False),
        ("C:", False),
        ("C:a/b", False),
    ],
)
def test_names_of_members(name, good, tmp_path):
    with zipfile.ZipFile(tmp_path / "a", "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), b"")
    if good:
        Archive(str(tmp_path / "a"), "label").__exit__()
        return
    with pytest.raises(
        ValueError, match=r"label: Not allowed: its member .* reaches out of its fol"
    ):
        Archive(str(tmp_path / "a"), "label")


@pytest.mark.parametrize(
    ("size", "packed_size", "refused"),
    [
        (64 * limits.MIB, 1, False),
        (64 * limits.MIB + 1, 1, True),
        (100 * limits.MIB, limits.MIB, False),
        (100 * limits.MIB + 1, limits.MIB, True),
    ],
)
def test_how_far_a_member_may_unpack(size, packed_size, refused, tmp_path, monkeypatch):
    info = zipfile.ZipInfo("a")
    info.file_size, info.compress_size = size, packed_size
    monkeypatch.setattr(zipfile.ZipFile, "getinfo", lambda self, name: info)
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda self, info: b"content")
    with archive_of(tmp_path / "a", {"a": b""}) as archive:
        if not refused:
            assert archive.read("a") == b"content"
            return
        rule = f"label: Not allowed: its member 'a' unpacks to {size} bytes from {packed_size}"
        with pytest.raises(ValueError, match=rule):
            archive.read("a")


def test_texts_that_are_no_json():
    assert parsed('{"a": [1]}', "label") == parsed(b'{"a": [1]}', "label") == {"a": [1]}
    assert parsed('{"a": 1}', "label", object_hook=lambda found: sorted(found)) == ["a"]
    with pytest.raises(json.JSONDecodeError) as caught:
        parsed("[1,\n x]", "label")
    error = caught.value
    assert (error.msg, error.doc, error.pos) == (
        *("label is not JSON: Expecting value", "[1,\n x]", 5),
    )
    for wrong in (b"\xff", "[" * 100_000):
        with pytest.raises(json.JSONDecodeError, match=r"^label is not JSON: ") as caught:
            parsed(wrong, "label")
        assert (caught.value.doc, caught.value.pos) == ("", 0)


def test_paths_of_files():
    for path in ("a/b", b"a/b", Path("a/b")):
        assert path_of("f", path) == "a/b"
    for wrong in (3, None, ["a"]):
        with pytest.raises(
            ValueError, match=r"^f: `filepath` must be a path of a file, received f"
        ):
            path_of("f", wrong)

import os
import socket
from pathlib import Path

import pytest

from nextedit_lsp.workspace import files


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("x = 1\n", None),
        (b"x = 1\n", None),
        ("", None),
        ("x" * files.MAX_BYTES, None),
        ("x" * (files.MAX_BYTES + 1), "larger than 1 MB"),
        (b"x" * (files.MAX_BYTES + 1), "larger than 1 MB"),
        # 600,000 characters of two bytes each.
        ("é" * 600_000, "larger than 1 MB"),
        ("é" * 500_000, None),
        ("x\n" * 49_999, None),
        ("x\n" * 50_000, "more than 50,000 lines"),
        (b"x\r\n" * 49_999, None),
        ("x\r" * 50_000, "more than 50,000 lines"),
        ("a\0b", "binary"),
        (b"a\0b", "binary"),
        (bytes(range(128, 256)) * 4, "binary"),
        ("# café und so weiter, ein Wort in einer anderen Kodierung\n".encode("latin-1"), None),
        ("\ud800 a lone surrogate is no reason " * 10_000, None),
    ],
)
def test_a_text_is_left_alone_for_its_size_and_kind(content: str | bytes, expected: str | None):
    assert files.refusal(content) == expected


SECRET = """
.env .env.local .env.production .envrc prod.env .ENV server.pem tls.KEY id_rsa id_rsa.pub id_ed25519 id_ed25519_work
credentials credentials.json aws-credentials.ini .netrc .npmrc .pypirc store.p12 cert.pfx release.keystore debug.jks
secrets.yaml secret.txt client_secret.json my-secrets.toml SECRETS secrets.sh .git-credentials .pgpass Makefile.secret
"""

ORDINARY = """
secrets_manager.py SecretsManager.java secret_store.rs secrets.d.ts credentials.py credentials.go credentials_test.go
keyboard.py monkey.txt key.py keys.json turnkey.md environment.py env.py env.yaml .editorconfig id_rsa_parser.go
README.md secrets.md package.json tokens.py pem.py netrc.py keystore.ts
"""


@pytest.mark.parametrize("name", SECRET.split())
def test_a_file_with_secrets_is_known_by_its_name(name: str):
    assert files.secret_pattern(Path("/project") / name) is not None


@pytest.mark.parametrize("name", ORDINARY.split())
def test_ordinary_source_is_no_secret(name: str):
    assert files.secret_pattern(Path("/project") / name) is None


def test_a_key_directory_is_secret_and_one_named_alike_is_not():
    assert files.secret_pattern(Path("/home/me/.ssh/config")) == ".ssh/"
    assert files.secret_pattern(Path("/project/secrets/reader.py")) is None


def check_read(path: Path, expected: str | files.Refused) -> None:
    assert files.read_text(path) == expected


def test_line_ends_are_kept_and_a_byte_order_mark_is_dropped(tmp_path: Path):
    path = tmp_path / "a.py"
    path.write_bytes(b"\xef\xbb\xbfx\r\ny\rz\n\xc3\xa9")
    check_read(path, "x\r\ny\rz\né")


def test_what_is_no_readable_file_is_refused_with_a_reason(tmp_path: Path):
    check_read(tmp_path, files.Refused("a directory"))
    check_read(tmp_path / "none.py", files.Refused("not found"))
    (tmp_path / "a.py").write_text("x")
    check_read(tmp_path / "a.py" / "b.py", files.Refused("not found"))
    check_read(Path("bad\0name"), files.Refused("not a valid path"))
    assert isinstance(files.read_text(tmp_path / ("n" * 5000)), files.Refused)


@pytest.mark.skipif(os.name == "nt", reason="POSIX file kinds")
def test_pipes_devices_and_sockets_are_refused_at_once(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe.py")
    check_read(tmp_path / "pipe.py", files.Refused("not a regular file"))
    check_read(Path("/dev/zero"), files.Refused("not a regular file"))
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        check_read(tmp_path / "s", files.Refused("not a regular file"))


def test_links_are_followed_unless_they_loop_or_lead_to_a_secret(tmp_path: Path):
    (tmp_path / "a.py").write_text("x")
    (tmp_path / ".env").write_text("KEY=1")
    (tmp_path / "link.py").symlink_to(tmp_path / "a.py")
    (tmp_path / "notes.txt").symlink_to(tmp_path / ".env")
    (tmp_path / "loop.py").symlink_to(tmp_path / "loop.py")
    check_read(tmp_path / "link.py", "x")
    check_read(tmp_path / "notes.txt", files.Refused("may hold secrets (.env*)"))
    assert isinstance(files.read_text(tmp_path / "loop.py"), files.Refused)


def test_a_file_without_permission_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    # The tests may run as root, whom no mode keeps out.
    def deny(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "a.py").write_text("x")
    monkeypatch.setattr(os, "open", deny)
    check_read(tmp_path / "a.py", files.Refused("no permission to read it"))


def test_a_large_or_binary_file_is_refused(tmp_path: Path):
    (tmp_path / "a.txt").write_bytes(b"x" * (files.MAX_BYTES + 1))
    (tmp_path / "b.txt").write_bytes("text".encode("utf-16"))
    check_read(tmp_path / "a.txt", files.Refused("larger than 1 MB"))
    check_read(tmp_path / "b.txt", files.Refused("binary"))


@pytest.mark.parametrize(
    ("uri", "posix", "windows"),
    [
        ("file:///a/b.py", "/a/b.py", "\\a\\b.py"),
        ("file://localhost/a/b.py", "/a/b.py", "\\a\\b.py"),
        ("file:///a/b%20c%23%C3%A9.py", "/a/b c#é.py", "\\a\\b c#é.py"),
        ("file:///c%3A/a/b.py", "/c:/a/b.py", "c:\\a\\b.py"),
        ("file:///C:/a/b.py", "/C:/a/b.py", "c:\\a\\b.py"),
        ("FILE:///a", "/a", "\\a"),
        ("file://server/share/a.py", None, "\\\\server\\share\\a.py"),
        ("file:///a%00b", None, None),
        ("untitled:Untitled-1", None, None),
        ("git:/a/b.py?ref", None, None),
        ("vscode-notebook-cell:/a.ipynb#1", None, None),
        ("file:", None, None),
        ("file:a/b", None, None),
        ("file://[bad/a", None, None),
        ("", None, None),
        ("/a/b.py", None, None),
    ],
)
def test_a_uri_names_a_path_on_either_system(uri: str, posix: str | None, windows: str | None):
    assert files._path_string(uri, windows=False) == posix
    assert files._path_string(uri, windows=True) == windows


@pytest.mark.parametrize("name", ["a.py", "a b.py", "é#?%.py", "100%.py", "\udce9.py"])
def test_a_path_survives_the_way_to_a_uri_and_back(tmp_path: Path, name: str):
    uri = files.uri_of(tmp_path / name)
    assert uri.startswith("file:///")
    assert files.path_of(uri) == tmp_path / name

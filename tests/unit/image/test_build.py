from __future__ import annotations

import tarfile
from pathlib import Path

from image import build


def test_the_archive_has_the_filtered_context_the_ignore_file_and_the_dockerfile(tmp_path: Path) -> None:
    for path, text in {
        "image/Dockerfile": "FROM scratch",
        "image/Dockerfile.dockerignore": "*.md\n!docs/*.md",
        "source/go.mod": "module x",
        "source/notes.md": "notes",
        "source/docs/embedded.md": "embedded",
    }.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (tmp_path / "source/link").symlink_to("go.mod")
    with (
        build.archive(tmp_path / "source", tmp_path / "image/Dockerfile", ".dockerfile.1") as sent,
        tarfile.open(fileobj=sent) as archive,
    ):
        content = {
            each.name: file.read().decode() if each.isfile() and (file := archive.extractfile(each)) else each.linkname
            for each in archive
        }
    assert content == {
        "docs": "",
        "docs/embedded.md": "embedded",
        "go.mod": "module x",
        "link": "go.mod",
        ".dockerignore": "*.md\n!docs/*.md\n.dockerfile.1",
        ".dockerfile.1": "FROM scratch",
    }

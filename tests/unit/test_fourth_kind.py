"""A fourth kind of server is one folder: with it in place everything finds it, and no other file had to change."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import tui.servers
from tui.config import from_document
from tui.domain.target import parse_address
from tui.servers.kind import ServerKind, grammars, kinds

TOY = '''"""A kind of server that exists in tests only."""

from tui.domain.target import Grammar
from tui.present.cells import age_column, name_column, state_column
from tui.present.spec import PaneSpec
from tui.servers.kind import ServerKind

KIND = ServerKind(
    name="harbour",
    title="Harbour",
    grammars=(Grammar("ship", "harbour", ("name",)),),
    environment=("HARBOUR_URL", "HARBOUR_TOKEN"),
    normalise_url=lambda url: url,
    recognise=lambda text: (),
    watch_forms=(),
    open_client=lambda server, http: None,
    panes=lambda: (
        PaneSpec("ships", "Ships", "Ships", 5, "harbour", frozenset({"ship"}),
                 (state_column(), name_column(), age_column()), ("state", False)),
    ),
    server_keys={},
    default_lists=lambda server: (),
)
'''


@pytest.fixture
def fourth_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ServerKind]:
    folder = tmp_path / "harbour"
    folder.mkdir()
    (folder / "__init__.py").write_text(TOY, "utf-8")
    monkeypatch.setattr(tui.servers, "__path__", [*tui.servers.__path__, str(tmp_path)])
    yield kinds()["harbour"]
    sys.modules.pop("tui.servers.harbour", None)
    if hasattr(tui.servers, "harbour"):
        del tui.servers.harbour


def test_a_fourth_kind_is_one_folder(fourth_kind: ServerKind) -> None:
    assert set(kinds()) == {"xray", "threadfix", "codeinsight", "harbour"}
    assert "ship" in {grammar.kind for grammar in grammars()}
    assert parse_address("ship/ada", grammars(), {"quay": "harbour"}).address == "quay:ship/ada"
    assert [pane.id for pane in fourth_kind.panes()] == ["ships"]
    settings = from_document({"servers": {"quay": {"kind": "harbour", "url": "https://quay.example.com"}}})
    assert settings.server_kinds == {"quay": "harbour"}


def test_the_fourth_kind_is_gone_again() -> None:
    assert set(kinds()) == {"xray", "threadfix", "codeinsight"}

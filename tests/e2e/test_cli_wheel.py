"""What is shipped works where no checkout is: the wheel in a bare environment, its themes, its demo."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest
from pty_screen import on_terminal

from tui import __version__

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built by the build backend that is installed here; no network."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command of an environment that has the wheel, and the libraries of this one, but not this checkout."""
    folder = tmp_path_factory.mktemp("elsewhere") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "-q", "--no-deps", "--no-index"]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    # A plain line of a .pth file adds that folder alone, and not the .pth files in it, which lead to this checkout.
    (folder / "lib" / version / "site-packages" / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "bin" / "scantop"


def run_python(installed: Path, folder: Path, code: str) -> str:
    """What a line of Python prints in that environment."""
    python = installed.with_name("python")
    ran = subprocess.run([str(python), "-c", code], cwd=folder, check=True, capture_output=True, text=True)
    return ran.stdout.strip()


def test_the_wheel_has_the_package_its_themes_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    themes = {f"tui/themes/{theme.name}" for theme in (ROOT / "themes").glob("*.toml")}
    assert len(themes) >= 6 and themes <= set(names)
    assert {name.partition("/")[0] for name in names} == {"tui", f"scantop-{__version__}.dist-info"}
    assert "tui/py.typed" in names and any(name.endswith(".tcss") for name in names)
    assert not [name for name in names if "__pycache__" in name or "/tests/" in name]


def test_it_runs_from_the_wheel_alone(installed: Path, tmp_path: Path) -> None:
    ran = subprocess.run([str(installed), "--version"], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert ran.stdout == f"scantop {__version__}\n"
    place = run_python(installed, tmp_path, "import tui; print(tui.__file__)")
    assert Path(place).is_relative_to(installed.parent.parent)


def test_the_themes_are_found(installed: Path, tmp_path: Path) -> None:
    code = "from tui.app.theming import load_themes; print(*sorted(load_themes()))"
    assert run_python(installed, tmp_path, code).split() == sorted(file.stem for file in ROOT.glob("themes/*.toml"))


def test_the_demo_shows_its_four_panes_and_quits(installed: Path, tmp_path: Path) -> None:
    decoy = tmp_path / "tui"
    decoy.mkdir()
    (decoy / "__init__.py").write_text("raise SystemExit('a package of the folder we were started in')")
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with on_terminal([str(installed), "demo"], environ=environ, folder=tmp_path) as terminal:
        terminal.until_shown("Builds and artifacts", "Exposures", "ThreadFix", "Jobs", "✓ done")
        terminal.type("q")
        assert terminal.end() == 0

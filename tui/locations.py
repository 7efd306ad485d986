"""Where scantop keeps its files: the config file, the state folder. Knows no content of any of them.

Everything that scantop writes belongs to its user alone: folders 0700, files 0600.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

APP_NAME = "scantop"
CONFIG_VARIABLE = "SCANTOP_CONFIG"
STATE_VARIABLE = "SCANTOP_STATE"
HISTORY_NAME = "history.sqlite"
PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


def config_file(chosen: str | Path | None, environ: Mapping[str, str]) -> Path:
    """The config file's place: the one named by ``--config``, else by SCANTOP_CONFIG, else the user's own."""
    named = chosen or environ.get(CONFIG_VARIABLE)
    if named:
        return Path(named).expanduser()
    import platformdirs

    return Path(platformdirs.user_config_dir(APP_NAME, appauthor=False)) / "config.toml"


def is_named(chosen: str | Path | None, environ: Mapping[str, str]) -> bool:
    """Somebody asked for a particular config file, so that it must be there."""
    return bool(chosen or environ.get(CONFIG_VARIABLE))


def state_folder(environ: Mapping[str, str]) -> Path:
    """Where the history and the watch list live; not made yet."""
    named = environ.get(STATE_VARIABLE)
    if named:
        return Path(named).expanduser()
    import platformdirs

    return Path(platformdirs.user_state_dir(APP_NAME, appauthor=False))


def history_file(environ: Mapping[str, str]) -> Path:
    """The history's database, in the state folder if that can be made; else whoever opens it says why it cannot."""
    folder = state_folder(environ)
    with suppress(OSError):
        make_private_folder(folder)
    return folder / HISTORY_NAME


def theme_names() -> tuple[str, ...]:
    """The names of the themes that came with scantop: in the installed package, or beside it in a checkout."""
    folder = _theme_folder()
    return tuple(sorted(file.stem for file in folder.glob("*.toml"))) if folder is not None else ()


def theme_text(name: str) -> str:
    """The TOML of one of these themes. OSError where there is none of that name."""
    folder = _theme_folder()
    if folder is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), "themes")
    return (folder / f"{name}.toml").read_text("utf-8")


def _theme_folder() -> Path | None:
    package = Path(__file__).resolve().parent
    return next((folder for folder in (package / "themes", package.parent / "themes") if folder.is_dir()), None)


def make_private_folder(folder: Path) -> Path:
    """The folder, made with all its parents where it is missing; the folder itself is open to its owner alone."""
    if folder.is_dir():
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    except FileExistsError as error:  # a file stands where a folder should be
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), error.filename) from None
    return folder


def create_private_file(path: Path, text: str) -> None:
    """Write a new file that only its owner can read; FileExistsError where there is one (it is left as it is)."""
    make_private_folder(path.parent)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, PRIVATE_FILE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)

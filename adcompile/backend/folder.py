"""The folder of generated modules: private to the user, written atomically, never trusted where others can write.

What a module contains is not looked at here.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import stat
import sys
import tempfile
import warnings
from functools import lru_cache
from pathlib import Path


def default_folder() -> Path:
    """Where generated modules are kept, by the platform's custom; ``ADCOMPILE_CACHE_DIR`` overrides it."""
    chosen = os.environ.get("ADCOMPILE_CACHE_DIR")
    if chosen:
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "adcompile"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "adcompile"
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "adcompile"


def is_private(path: Path) -> bool:
    """Whether nobody but the user could have written a file or folder."""
    if os.name != "posix":
        return True
    about = path.lstat()
    return about.st_uid == os.getuid() and not about.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


@lru_cache(maxsize=8)
def private_folder(wanted: str) -> Path:
    """A folder that only the user can write into: the wanted one, or a temporary one where that is not to be had."""
    folder = Path(wanted)
    try:
        folder = folder.resolve()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if is_private(folder) and os.access(folder, os.W_OK):
            return folder
        reason = "others can write into it"
    except OSError as error:
        reason = str(error)
    temporary = Path(tempfile.mkdtemp(prefix="adcompile-"))
    atexit.register(shutil.rmtree, temporary, ignore_errors=True)
    warnings.warn(
        f"generated modules go to {temporary}, for this process only, instead of {folder}: {reason}", stacklevel=2
    )
    return temporary


def cache_folder() -> Path:
    """The folder in use."""
    return private_folder(str(default_folder()))


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that other processes see all of it or none."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # it may be gone since it was made
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise


def read_private(path: Path) -> str | None:
    """The text of a file of the cache, or None where there is none that can be trusted."""
    try:
        return path.read_text(encoding="utf-8") if is_private(path) else None
    except (OSError, UnicodeDecodeError):
        return None

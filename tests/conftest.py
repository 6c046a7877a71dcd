"""What all tests share: a cache folder of their own, and nothing else."""

from __future__ import annotations

import os
import shutil
import tempfile

import pytest

# Set before adcompile is imported. Workers of pytest-xdist inherit it, so each module is compiled once.
OWNER = "ADCOMPILE_CACHE_DIR" not in os.environ
if OWNER:
    os.environ["ADCOMPILE_CACHE_DIR"] = tempfile.mkdtemp(prefix="adcompile-tests-")

collect_ignore_glob = ["golden/*", "errors/*"]


def pytest_unconfigure(config: pytest.Config) -> None:
    if OWNER:
        shutil.rmtree(os.environ["ADCOMPILE_CACHE_DIR"], ignore_errors=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--regold", action="store_true", help="write reviewed listings and messages anew")

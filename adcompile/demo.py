"""Find the demonstration among the examples and run it.

What it shows is not here, but in `examples/demo.py`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from adcompile.errors import ADError

PACKAGE = Path(__file__).resolve().parent


def run(folder: str = "demo-pictures") -> None:
    """Run the demonstration; pictures go into a folder.

    Raises
    ------
    ADError
        If the examples are not there, or scikit-learn, whose digits they use, is not installed.
    """
    # An installed package carries its examples; a working copy has them beside the package.
    places = [PACKAGE / "examples", PACKAGE.parent / "examples"]
    found = [place for place in places if (place / "demo.py").is_file()]
    if not found:
        raise ADError("the examples are not installed with this copy of adcompile", help="reinstall adcompile")
    sys.path.insert(0, str(found[0]))
    try:
        import demo  # type: ignore[import-not-found]

        demo.main(folder)
    except ModuleNotFoundError as error:
        if error.name != "sklearn":
            raise
        raise ADError(
            "the demonstration needs scikit-learn for its digits", help="pip install 'adcompile[demo]'"
        ) from error
    finally:
        sys.path.remove(str(found[0]))

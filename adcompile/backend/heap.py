"""Asks the C library to keep memory that has been freed: tapes come and go with every call.

Left to itself, glibc hands large blocks back to the system and takes them anew, page by page, on the next call; for a tape
of some megabytes that costs more than the whole derivative. See docs/design/006.
"""

from __future__ import annotations

import ctypes
import functools
import os
import sys

#: glibc's names for its settings (malloc.h), and how many bytes to keep at the end of the heap
M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4
KEPT = 256 << 20


@functools.cache
def keep_memory() -> bool:
    """Let freed memory stay with the process, once; says whether the C library took the advice.

    ``ADCOMPILE_KEEP_MEMORY=0`` leaves everything as it is, and so does any C library but glibc.
    """
    if not sys.platform.startswith("linux") or os.environ.get("ADCOMPILE_KEEP_MEMORY") == "0":
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    return bool(mallopt(M_TRIM_THRESHOLD, KEPT) and mallopt(M_MMAP_MAX, 0))

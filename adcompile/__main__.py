"""Lets ``python -m adcompile`` be the command line. Holds nothing else."""

import sys

from adcompile.cli import main

sys.exit(main())

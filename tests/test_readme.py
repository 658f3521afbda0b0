"""What the README promises is so."""

import re
from pathlib import Path

from cells import run_cell

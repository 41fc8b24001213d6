"""What the key ``progress`` may name instead of an expression: ``*.sta``, ``*.sta 2.5``.

The agent uses this file too, so it runs on Python 3.9.
"""

from __future__ import annotations

import re

STATUS_FILE = re.compile(
    r"(?P<glob>[^\s/()\\]{1,200}\.sta)(?:\s+(?P<total>\d{1,15}(?:\.\d{1,15})?))?"
)
"""A status file of Abaqus in the job's folder, and the total time of its analysis."""

"""The document that a team keeps with marketing: each Event Generator, its fields, and what causes it. Pure, and the same
for the same table: no clock, no I/O.
"""

from bridge.agreement.describing import agreement_of
from bridge.agreement.markdown import as_markdown
from bridge.agreement.model import Agreement
from bridge.agreement.page import as_html

__all__ = ["Agreement", "agreement_of", "as_html", "as_markdown"]

"""Text from outside without what looks like a credential: findings quote keys, tokens and passwords.

What is taken out is named, so that the reader knows that something stood there.
"""

from __future__ import annotations

import re

from compliance_bot.logs import SECRET, redact

_SHAPES = (
    re.compile(
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]{0,40}KEY-----|\Z)", re.DOTALL
    ),
    re.compile(r"\b(?:AKIA|ASIA|ABIA|ACCA|AGPA|AIDA|AROA|ANPA)[A-Z0-9]{12,}\b"),
    re.compile(r"\bgh[pousr]_[A-Za-z0-9]{16,}|\bgithub_pat_[A-Za-z0-9_]{20,}"),
    re.compile(r"\bglpat-[A-Za-z0-9_-]{16,}|\bnpm_[A-Za-z0-9]{20,}|\bsk_(?:live|test)_[A-Za-z0-9]{10,}"),
    re.compile(r"\bsk-[A-Za-z0-9_-]{20,}|\bAIza[A-Za-z0-9_-]{30,}|\bya29\.[A-Za-z0-9_-]{10,}"),
    re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?"),
    re.compile(r"(?<=[?&]sig=)[^\s&]+|(?<=[?&]X-Amz-Signature=)[^\s&]+", re.IGNORECASE),
)
"""Keys, tokens and signatures by their own look."""

_NAMED = re.compile(
    r"""(?P<name>\b[\w.-]{0,40}(?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key"""
    r"""|credential|connection[_-]?string)[\w-]{0,40}["']?\s{0,3}(?:=>|[:=])\s{0,3})"""
    r"""(?:"[^"\n]*"|'[^'\n]*'|[^\s,;"'}\])]+)""",
    re.IGNORECASE,
)
"""Whatever is called a password, a secret, a key: the name stays."""


def stripped(text: str) -> str:
    """``text`` with every credential in it replaced by a word."""
    clean = redact(text)
    for shape in _SHAPES:
        clean = shape.sub(SECRET, clean)
    return _NAMED.sub(lambda found: found["name"] + SECRET, clean)

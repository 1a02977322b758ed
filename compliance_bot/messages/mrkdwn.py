"""Text from outside made harmless for Slack's mrkdwn, and cut without breaking it.

Three characters are escaped there (``& < >``), which stops mentions, links and date tokens.
``* _ ~`` and the backtick cannot be escaped: where they would format, look-alikes take their
place. Source: Slack's "Formatting text for app surfaces"; look-alikes after jsx-slack.
"""

from __future__ import annotations

import re
import unicodedata

ELLIPSIS = "…"

_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f"
    "\u202a-\u202e\u2066-\u2069\ufeff\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]"
)
_LINE_ENDS = re.compile("\r\n|[\r\x85\u2028\u2029]")
_SPECIAL = re.compile(r"[*_~`&<>]")
_MARKERS = re.compile(r"`|(?<![^\W_])[*_~]|[*_~](?![^\W_])")
_LOOK_ALIKES = {"*": "\u2217", "_": "\u02cd", "~": "\u223c", "`": "\u02cb"}
_QUOTE_LOOK_ALIKE = "\u203a"
_LINKS = re.compile(
    r":(?=//)|(?<=\w)\.(?=\w)|(?<![\w&])[@#](?=\w)|(?<=\w)@(?=\w)|(?<=tel):|(?<=mailto):", re.IGNORECASE
)
_ZERO_WIDTH_SPACE = "\u200b"
_TOKEN = re.compile(r"&(?:amp|lt|gt);|<[^<>\n]*>")
_ZERO_WIDTH_JOINER = "\u200d"
_VARIATION_SELECTORS = range(0xFE00, 0xFE10)
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_TAGS = range(0xE0020, 0xE0080)
_FLAG_LETTERS = range(0x1F1E6, 0x1F200)


def clean(value: str) -> str:
    """The text without what no message may carry; line ends become one kind, tabs blanks.

    What goes: NUL and other controls, unpaired surrogates, direction overrides (U+202A to E,
    U+2066 to 9) and non-characters.
    """
    if value.isascii() and value.isprintable():
        return value
    return _UNWANTED.sub("", _LINE_ENDS.sub("\n", value)).replace("\t", " ")


def escape(value: str) -> str:
    """The three escapes of mrkdwn, nothing else."""
    if "&" in value or "<" in value or ">" in value:
        return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return value


def inert(value: str) -> str:
    """Data for a mrkdwn object with ``verbatim: true``: one line, no markup, no mention, no link.

    Line breaks become blanks, so that data can neither fake a line of ours nor begin a quote.
    Markers between two letters or digits (``my_bucket``) stay: Slack does not format there.
    """
    line = _one_line(value)
    if not _SPECIAL.search(line):
        return line
    if line.startswith(">"):
        line = _QUOTE_LOOK_ALIKE + line[1:]
    line = _MARKERS.sub(lambda found: _LOOK_ALIKES[found[0]], line)
    return escape(line)


def _one_line(value: str) -> str:
    if value.isascii() and value.isprintable():
        return value.strip()
    return " ".join(clean(value).split())


def unlinked(value: str) -> str:
    """Data for the ``text`` of a message, where Slack links bare addresses by itself.

    A zero width space after the colon of a scheme, inside a domain and after ``@`` and ``#``
    breaks that; in blocks ``verbatim`` does it, and the text stays fit for copying.
    """
    line = _one_line(value)
    return inert(_LINKS.sub(lambda found: found[0] + _ZERO_WIDTH_SPACE, line))


def size(text: str) -> int:
    """Length as a client in JavaScript counts it: UTF-16 units, never less than characters."""
    return len(text) if text.isascii() else len(text) + sum(char > "\uffff" for char in text)


def truncate(text: str, limit: int, *, markup: bool) -> str:
    """At most ``limit`` UTF-16 units, ending in "…" where something was left out.

    With ``markup`` never inside an entity or a ``<…>`` token; never inside an emoji sequence or
    between a letter and its accents.
    """
    if len(text) * 2 <= limit or size(text) <= limit:
        return text
    end = _before_cluster(text, _units_to_index(text, limit - 1))
    if markup:
        end = _whole_tokens(text, end)
    return text[:end].rstrip() + ELLIPSIS


def _whole_tokens(text: str, end: int) -> int:
    """Where to cut that no token is cut; accents behind an entity would drag the cut into it again."""
    while (before := _before_cluster(text, _before_token(text, end))) != end:
        end = before
    return end


def _units_to_index(text: str, units: int) -> int:
    used = 0
    for index, char in enumerate(text):
        used += 2 if char > "\uffff" else 1
        if used > units:
            return index
    return len(text)


def _before_token(text: str, end: int) -> int:
    for token in _TOKEN.finditer(text):
        if token.start() >= end:
            break
        if token.end() > end:
            return token.start()
    return end


def _before_cluster(text: str, end: int) -> int:
    while 0 < end < len(text) and _continues(text, end):
        end -= 1
    return end


def _continues(text: str, index: int) -> bool:
    """Whether the character at ``index`` belongs to the one before it."""
    char, before = text[index], text[index - 1]
    code = ord(char)
    if _ZERO_WIDTH_JOINER in (char, before) or unicodedata.combining(char):
        return True
    if code in _FLAG_LETTERS and ord(before) in _FLAG_LETTERS:
        return _flag_letters_before(text, index) % 2 == 1
    return code in _VARIATION_SELECTORS or code in _SKIN_TONES or code in _TAGS or code == 0x20E3  # noqa: PLR2004 - the key cap


def _flag_letters_before(text: str, index: int) -> int:
    count = 0
    while count < index and ord(text[index - 1 - count]) in _FLAG_LETTERS:
        count += 1
    return count

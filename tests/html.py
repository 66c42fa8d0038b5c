"""Pages as tests read them: how a template is laid out in lines is not what a reader sees."""

import re


def one_line(html: str) -> str:
    """``html`` with one space for each run of white space, as a browser shows text."""
    return re.sub(r"\s+", " ", html)


def flat(html: str) -> str:
    """The same without the white space beside tags, for patterns that look at tags."""
    return re.sub(r" ?(<[^>]*>) ?", lambda tag: tag[1], one_line(html))

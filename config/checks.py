"""What ``make check`` checks beyond the usual tools, and ``make lock``."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
TEXT = {
    ".py", ".html", ".txt", ".md", ".in", ".toml", ".yml", ".yaml", ".css", ".js", ".svg", ".cfg",
    ".json", ".sql", ".sh", "",
}  # fmt: skip
# Word → what we say instead. Written apart, so that this file does not find itself.
RETIRED = {
    r"convenience[ _-]fee": "technology fee",
    r"sur" + r"charge": "technology fee",
}
# An address of a package registry, or of a path on somebody's machine, helps nobody else.
ADDRESSES = [
    re.compile(r"--(?:extra-)?index-url|--find-links|--trusted-host"),
    re.compile(r"https?://[^\s\"']*/simple\b"),
    re.compile(r"file:///"),
]


def main(arguments: list[str]) -> int:
    """Run the named check; 1 when something is wrong."""
    checks = {"templates": _templates, "words": _words, "lock": _lock}
    if len(arguments) != 1 or arguments[0] not in checks:
        print(f"python -m config.checks {' | '.join(checks)}")
        return 2
    problems = list(checks[arguments[0]]())
    for line in problems:
        print(line)
    return 1 if problems else 0


def tracked_files() -> list[Path]:
    """Every text file of the project that git knows or would take."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    paths = {BASE_DIR / name for name in listed if name}
    return sorted(p for p in paths if p.suffix in TEXT and p.is_file() and not p.is_symlink())


def _templates() -> Iterator[str]:
    """Compile every template, and look whether it uses only what is on a lower floor.

    An unknown tag or a missing parent shows here, before a visitor meets it.
    """
    import django
    from django.template import TemplateDoesNotExist, TemplateSyntaxError, engines
    from django.template.loader_tags import ExtendsNode, IncludeNode

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from config.template_floors import faults, read_floors

    engine = engines["django"]
    libraries = engine.engine.libraries  # type: ignore[attr-defined]  # likewise
    floors = read_floors(BASE_DIR / "pyproject.toml")
    roots = [BASE_DIR / "templates", *BASE_DIR.glob("*/templates")]
    for root in roots:
        for path in sorted(root.rglob("*")):
            if not path.is_file() or path.suffix not in {".html", ".txt"}:
                continue
            name = str(path.relative_to(root))
            for fault in faults(name, path.read_text(encoding="utf-8"), floors, libraries):
                yield f"{path.relative_to(BASE_DIR)}: {fault}"
            try:
                compiled = engine.get_template(name).template  # type: ignore[attr-defined]  # Django’s
                for kind in (ExtendsNode, IncludeNode):
                    for node in compiled.nodelist.get_nodes_by_type(kind):
                        target = getattr(node, "parent_name", None) or getattr(
                            node, "template", None
                        )
                        if target is not None and isinstance(target.var, str):
                            engine.get_template(target.var)
            except (TemplateSyntaxError, TemplateDoesNotExist) as error:
                yield f"{path.relative_to(BASE_DIR)}: {type(error).__name__}: {error}"


def _words() -> Iterator[str]:
    """Find words that we retired, and addresses that belong to one machine."""
    me = Path(__file__).resolve()
    patterns = {re.compile(rf"\b{word}", re.IGNORECASE): new for word, new in RETIRED.items()}
    for path in tracked_files():
        if path.resolve() == me:
            continue
        shown = path.relative_to(BASE_DIR)
        text = path.read_text(encoding="utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), 1):
            if "retired-word" in line:
                continue
            for pattern, new in patterns.items():
                if match := pattern.search(line):
                    yield f"{shown}:{number}: '{match.group()}' is retired; say '{new}'"
            if shown.parts[0] == "requirements":
                for address in ADDRESSES:
                    if address.search(line):
                        yield f"{shown}:{number}: an address of a package registry"


def _lock() -> Iterator[str]:
    """Pin and hash the requirements for every platform, with no address in the result.

    Only what a changed .in asks for is different afterwards; without the .txt all is newest.
    """
    for name, extra in (("runtime", []), ("dev", ["-c", "requirements/runtime.txt"])):
        done = subprocess.run(
            [
                *("uv", "pip", "compile", "--universal", "--generate-hashes", "--python-version"),
                *("3.11", "--no-emit-index-url", "--no-emit-find-links", "--no-header", "--quiet"),
                # The result of last time is read first, so what is pinned already stays.
                *("--no-annotate", "--output-file", f"requirements/{name}.txt"),
                *(*extra, f"requirements/{name}.in"),
            ],
            cwd=BASE_DIR,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        )
        if done.returncode:
            yield done.stderr
            return
        header = (
            f"# Every package of {name}.in and what it needs, pinned and hashed.\n"
            "# Made by 'make lock'; do not edit by hand.\n"
        )
        result = BASE_DIR / "requirements" / f"{name}.txt"
        result.write_text(header + result.read_text(encoding="utf-8"), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""``python -m tests.long FORM``: see `tests.long`."""

from __future__ import annotations

import argparse
import importlib
import sys

from tests.long.forms import Form

FORMS = ("fuzz", "files", "kills", "mutants", "memory", "twins", "comparisons")


def main(words: list[str]) -> int:
    """Run the form that `words` name; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.long")
    parser.add_argument("form", choices=FORMS)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="the number of the first case")
    parser.add_argument("--cases", type=int, help="how many at most")
    parser.add_argument("--only", default="", help="names or files that hold this")
    chosen = parser.parse_args(words)
    form = Form(chosen.form, chosen.seed, chosen.minutes, chosen.first, chosen.cases, chosen.only)
    importlib.import_module(f"tests.long.{chosen.form}").run(form)
    return form.report()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

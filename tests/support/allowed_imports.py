"""Which packages and modules of scratchnet may import which others: the one table of that rule."""

from __future__ import annotations

# What every public module may import.
BASE = {"ops", "engine", "unsupported"}

# By the first name after "scratchnet"; "" is the package itself, the public namespace.  Imports
# only point down.
MAY_IMPORT: dict[str, set[str]] = {
    "engine": set(),
    "kernels": set(),
    "ops": {"engine", "kernels"},
    **dict.fromkeys(("nn", "math", "linalg", "bitwise", "random", "errors"), BASE),
    **dict.fromkeys(("autodiff", "config", "debugging", "dtypes", "nest", "test"), BASE),
    "summary": BASE,
    "extend": {"ops", "engine"},
    "atomic_files": set(),
    "unsupported": set(),
    "version": {"unsupported"},
    "compat": {"framework", "unsupported"},
    "framework": BASE | {"config", "nest"},
    "data": BASE,
    "keras": BASE | {"data", "atomic_files", "version", "config", "nest", "summary"},
    "traces": {"engine", "ops", "keras"},
    "": BASE
    | {"version", "framework", "compat", "keras", "data", "extend", "traces"}
    | {"nn", "math", "linalg", "bitwise", "random", "errors"}
    | {"autodiff", "config", "debugging", "dtypes", "nest", "summary", "test"},
    "train": {
        "engine",
        "keras",
        "data",
        "atomic_files",
        "unsupported",
        "",
    },  # "" at run time, as users import it
    # "" at run time, as the program gets it
    "testing": {"engine", "ops", "kernels", "atomic_files", "version", ""},
    "twin": {"engine", "train", "testing", "atomic_files"},
    "explain": {
        *("engine", "ops", "keras", "traces", "testing", "train"),
        *("atomic_files", "version", ""),
    },
    # "" at run time, as the experiments get it
    "studies": {"engine", "keras", "explain", "train", "twin", "atomic_files", "version", ""},
    "exercises": {"engine", "testing", "train", "atomic_files", ""},
    "tour": {"keras"},
    "cli": {
        "cli_options",
        "train",
        "twin",
        "explain",
        "studies",
        "testing",
        "exercises",
        "version",
    },
    "cli_options": {"train"},
    "__main__": {"cli"},
}

# Packages that are programs over the public namespace, and import it as users do; other packages
# above it get it at run time only.
PROGRAMS = {"exercises"}


def package_of(module: str) -> str:
    """``keras`` for ``scratchnet.keras.layers.dense``."""
    return module.split(".")[1] if "." in module else ""

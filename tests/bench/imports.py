"""The bare imports of what the command line depends on, without a line of the project's own code."""

import subprocess
import sys
from functools import cache

_LOADED = """
import sys
before = set(sys.modules)
import bot.cli
own = {"bot", "knowledge", "scheduler"}
for name, module in list(sys.modules.items()):
    spec = getattr(module, "__spec__", None)
    if name not in before and name.partition(".")[0] not in own and spec is not None and spec.name == name:
        print(name)
"""


class NotImportable(Exception):
    """The command line cannot be imported; the last line of the traceback."""


@cache
def modules() -> tuple[str, ...]:
    """The modules of libraries and of Python that `import bot.cli` loads, in the order it loads them."""
    return tuple(_run(_LOADED).split())


def import_all(then: str = "") -> str:
    """Import them in a fresh Python, then run `then`; what that printed."""
    imports = "\n".join(f"importlib.import_module({name!r})" for name in modules())
    return _run(f"import importlib\n{imports}\n{then}")


def _run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotImportable((done.stderr.strip().splitlines() or ["it said nothing"])[-1])
    return done.stdout

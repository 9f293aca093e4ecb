"""Where `make official` puts what others wrote."""

from pathlib import Path

_FOLDER = Path(__file__).parents[2] / ".cache" / "official"

PYTHON = _FOLDER / "venv" / "bin" / "python"
"""The Python with the packages of requirements/official.txt."""

NODE_MODULES = _FOLDER / "node" / "node_modules"
"""The packages of wecom-node/package-lock.json."""

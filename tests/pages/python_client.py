"""The typed client, as the generator makes it from the committed OpenAPI document."""

from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from openapi_python_client import generate
from openapi_python_client.config import Config, ConfigFile, MetaType

from tests.pages.api_document import FROZEN

CLIENT = Path(__file__).parents[2] / "clients" / "python" / "commerce_client"
_TEMPLATES = Path(__file__).parent / "client_templates"
"""What is made otherwise than by the generator's own: shapes are imported as they are used, new words are no errors."""
_LEFT_OUT = "Unsupported content type application/x-ndjson"
"""What the generator says of imports, whose lines are read while they are answered: that is for an HTTP client."""
_STYLE = ("check --fix-only --select I,F401,F811", "format --line-length 120")


def generated_client() -> dict[str, str]:
    """The text of each module by its path in the package. Raises `RuntimeError` for what the generator cannot do."""
    with TemporaryDirectory() as folder:
        package = Path(folder) / CLIENT.name
        _generate(package)
        for command in _STYLE:
            ruff = [sys.executable, "-m", "ruff", *command.split(), "--isolated", "--quiet", str(package)]
            subprocess.run(ruff, check=True)
        return _modules(package)


def committed_client() -> dict[str, str]:
    """The text of each committed module by its path in the package."""
    return _modules(CLIENT)


def write_client() -> None:
    """Make the committed package what the generator makes."""
    modules = generated_client()
    shutil.rmtree(CLIENT, ignore_errors=True)
    for path, text in modules.items():
        file = CLIENT / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def _generate(package: Path) -> None:
    config = Config.from_sources(
        ConfigFile(post_hooks=[], package_name_override=package.name),
        MetaType.NONE,
        document_source=FROZEN,
        file_encoding="utf-8",
        overwrite=False,
        output_path=package,
    )
    with redirect_stdout(StringIO()):
        found = generate(config=config, custom_template_path=_TEMPLATES)
    problems = [each for each in found if each.detail != _LEFT_OUT]
    if problems:
        raise RuntimeError("; ".join(f"{each.header}: {each.detail}" for each in problems))


def _modules(package: Path) -> dict[str, str]:
    return {
        str(file.relative_to(package)): _with_our_http(file.read_text(encoding="utf-8"))
        for file in sorted(package.rglob("*"))
        if file.suffix in (".py", ".typed")
    }


def _with_our_http(text: str) -> str:
    """With the successor of httpx, which is kept up and has the same functions."""
    return text.replace("import httpx\n", "import httpx2 as httpx\n")

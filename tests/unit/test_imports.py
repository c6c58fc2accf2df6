"""What the import contracts in pyproject.toml can't say: that they name every module, and that
the core keeps its hands still even with what it may import."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import responder

ROOT = Path(responder.__file__).parent.parent
CORE = sorted((ROOT / "responder" / "core").rglob("*.py"))

READS_THE_WORLD = re.compile(r"(date|datetime)\.(now|today|utcnow)|.*\.(read|write)_(text|bytes)")
FORBIDDEN_CALLS = {"open", "print", "input", "exec", "eval", "__import__", "breakpoint"}


def test_every_module_has_its_place_in_the_direction_of_imports() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = contracts["tool"]["importlinter"]["contracts"][0]["layers"]
    named = set(re.findall(r"responder\.(\w+)", " ".join(layers)))
    inside = (ROOT / "responder").iterdir()
    packages = {path.parent.name for path in ROOT.glob("responder/*/__init__.py")}
    modules = {path.stem for path in inside if path.suffix == ".py"} - {"__init__"}
    assert (modules | packages) - named == set()


def test_the_core_awaits_nothing_and_asks_the_world_nothing() -> None:
    found = []
    for file in CORE:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case ast.AsyncFunctionDef() | ast.Await() | ast.AsyncFor() | ast.AsyncWith():
                    found.append(f"{file.name}:{node.lineno} waits")
                case ast.Import(names=[ast.alias(name="pathlib")]):
                    found.append(f"{file.name}:{node.lineno} takes more than PurePath")
                case ast.ImportFrom(module="pathlib", names=names) if {
                    alias.name for alias in names
                } - {"PurePath", "PurePosixPath"}:
                    found.append(f"{file.name}:{node.lineno} takes more than PurePath")
                case ast.Call(func=ast.Name(id=name)) if name in FORBIDDEN_CALLS:
                    found.append(f"{file.name}:{node.lineno} calls {name}")
                case ast.Call(func=ast.Attribute() as call):
                    if READS_THE_WORLD.fullmatch(ast.unparse(call)):
                        found.append(f"{file.name}:{node.lineno} calls {ast.unparse(call)}")
    assert found == []


def test_the_core_keeps_no_state_between_two_decisions() -> None:
    found = []
    for file in CORE:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Global | ast.Nonlocal):
                found.append(f"{file.name}:{node.lineno}")
    assert found == []


def test_settings_log_and_terminal_load_without_the_slow_libraries() -> None:
    """What is due after a restart leaves before a platform's library is loaded."""
    code = (
        "import sys, responder.config, responder.logs, bots.terminal;"
        "print([m for m in ('aiogram', 'signalbot', 'PIL', 'typer') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.stdout.strip() == "[]", run.stderr

"""The rules of the house that no general linter knows, each with its reason. The linters are tried on bad code too."""

import ast
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.pure_modules import pure_files

ROOT = Path(__file__).parents[2]
PACKAGE = sorted((ROOT / "firewatch").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))

MAX_MODULE_LINES = 400
MAX_FUNCTION_LINES = 50

Rule = Callable[[ast.Module], Iterator[tuple[int, str]]]
Function = ast.FunctionDef | ast.AsyncFunctionDef


def findings(rule: Rule, files: list[Path]) -> list[str]:
    return [
        f"{file.relative_to(ROOT)}:{line}: {what}"
        for file in files
        for line, what in rule(ast.parse(file.read_text(encoding="utf-8")))
    ]


def lines_of(rule: Rule, code: str) -> list[int]:
    return [line for line, _ in rule(ast.parse(code))]


def functions(tree: ast.Module) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, node.module or ""
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def calls(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)


def test_modules_and_functions_can_be_read_in_one_sitting() -> None:
    lengths = {str(file.relative_to(ROOT)): len(file.read_bytes().splitlines()) for file in PACKAGE + TESTS}
    assert not {name: length for name, length in lengths.items() if length > MAX_MODULE_LINES}
    assert not findings(long_functions, PACKAGE + TESTS)


def long_functions(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in functions(tree):
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        if length > MAX_FUNCTION_LINES:
            yield node.lineno, f"{node.name} has {length} lines"


def test_a_long_function_is_found() -> None:
    body = "    x = 1\n" * MAX_FUNCTION_LINES
    assert lines_of(long_functions, f"\ndef f():\n{body}") == [2]
    assert not lines_of(long_functions, f"def f():\n{body}".removesuffix("    x = 1\n"))


# Time comes from a Clock, so that drills, tests and replays run the same code at another time and speed. Where the
# wall itself is meant (how long a request took, how long to sleep), `time.monotonic` says so.
ON_THE_WALL = {"clock.py", "scheduler.py"}  # the clock itself, and APScheduler's beat, which is in seconds of the wall
NOW = re.compile(r"(^|\.)(datetime\.(now|utcnow|today)|date\.today|time\.(time|time_ns|localtime|gmtime))$")


def asks_the_machine(tree: ast.Module) -> Iterator[tuple[int, str]]:
    return ((line, f"{name}: ask a Clock") for line, name in calls(tree) if NOW.search(name))


def test_only_the_clock_asks_the_machine_for_the_time() -> None:
    assert not findings(asks_the_machine, [file for file in PACKAGE if file.name not in ON_THE_WALL])


def test_asking_the_machine_for_the_time_is_found() -> None:
    assert lines_of(asks_the_machine, "clock.now()\ndatetime.now(UTC)\ndt.datetime.utcnow()\ntime.time()") == [2, 3, 4]


# A mock answers whatever the test hopes for. A fake keeps state and behaves like the real thing.
def mocks(tree: ast.Module) -> Iterator[tuple[int, str]]:
    return ((line, name) for line, name in imports(tree) if name.split(".")[-1] == "mock" or ".mock." in name)


def test_nothing_is_mocked() -> None:
    assert not findings(mocks, PACKAGE + TESTS)


def test_a_mock_is_found() -> None:
    code = "import unittest\nimport unittest.mock\nfrom unittest import mock\nfrom unittest.mock import Mock"
    assert {1} ^ set(lines_of(mocks, code)) == {1, 2, 3, 4}


# One transaction per request or job, ended by whoever began it: a service that commits tears it in two, and what
# was to be sent with the first half goes out although the second failed.
def commits(tree: ast.Module) -> Iterator[tuple[int, str]]:
    return ((line, f"{name}()") for line, name in calls(tree) if name.endswith((".commit", ".rollback")))


def test_only_the_database_commits() -> None:
    assert not findings(commits, [file for file in PACKAGE if file.name != "db.py"])


def test_a_commit_is_found() -> None:
    assert lines_of(commits, "session.flush()\nsession.commit()\nself.session.rollback()") == [2, 3]


# A rule that is numbers in and numbers out can be tried on every number, and solved again years later.
IMPURE = {"httpx", "logging", "os", "random", "socket", "sqlalchemy", "sqlmodel", "structlog", "subprocess", "time"}


def impure(tree: ast.Module) -> Iterator[tuple[int, str]]:
    yield from ((line, f"imports {name}") for line, name in imports(tree) if name.split(".")[0] in IMPURE)
    yield from ((line, "imports a clock") for line, name in imports(tree) if re.search(r"\.clock\.\w*Clock$", name))
    yield from ((line, f"calls {name}") for line, name in calls(tree) if name in {"open", "print", "input"})


def test_pure_modules_are_pure() -> None:
    assert not findings(impure, pure_files())


def test_what_is_not_pure_is_found() -> None:
    code = "import math\nfrom sqlmodel import Session\nfrom firewatch.clock import Clock, local_day\nopen('x')"
    assert sorted(set(lines_of(impure, code))) == [2, 3, 4]


# A package whose __init__ imports its modules knots them all together: one import loads the whole product.
def test_package_inits_are_empty() -> None:
    full = [file for file in PACKAGE if file.name == "__init__.py" and file.parent.name != "firewatch"]
    assert full
    assert not [file for file in full if file.read_text(encoding="utf-8").strip()]


# An exception that is not explained is copied by the next one who meets the rule.
UNEXPLAINED = re.compile(r"#\s*noqa(?!: [A-Z]+\d+(, [A-Z]+\d+)* - \w)|#\s*type: ignore(?!\[[\w, -]+\]  # \w)")


def test_every_exception_to_a_rule_has_its_reason() -> None:
    missing = [
        f"{file.relative_to(ROOT)}:{number}"
        for file in PACKAGE + TESTS
        if file != Path(__file__)
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        if UNEXPLAINED.search(line)
    ]
    assert not missing


@pytest.mark.parametrize("line", ["x  # noqa", "x  # noqa: S101", "x  # type: ignore", "x  # type: ignore[arg-type]"])
def test_an_exception_without_a_reason_is_found(line: str) -> None:
    assert UNEXPLAINED.search(line)


def test_an_exception_with_its_reason_is_fine() -> None:
    assert not UNEXPLAINED.search("x  # noqa: S101, B009 - flushed")
    assert not UNEXPLAINED.search("x  # type: ignore[arg-type]  # checked by the model")


def pins(name: str) -> list[tuple[str, str]]:
    """Every (package, version), extras left out; a package may stand twice, for different versions of Python."""
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    return re.findall(r"^([\w.-]+)(?:\[[\w,.-]+\])?==([\w.+!]+)", text, flags=re.MULTILINE)


# What is tested is what is installed.
@pytest.mark.parametrize("name", ["run.txt", "build.txt", "grid.txt", "roads.txt"])
def test_locks_agree(name: str) -> None:
    assert pins(name)
    assert set(pins(name)) <= set(pins("dev.txt"))


# Every file is known by its hash, and no address is named, so that any mirror may serve it.
@pytest.mark.parametrize("name", ["run.txt", "build.txt", "grid.txt", "roads.txt", "dev.txt"])
def test_locks_hold_hashes_and_no_address(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^-", text, flags=re.MULTILINE)
    assert len(re.findall(r"^\S+==.*\\\n    --hash=sha256:", text, flags=re.MULTILINE)) == len(pins(name))


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {re.split(r"[\[<>=]", requirement, maxsplit=1)[0] for requirement in project["dependencies"]}
    assert wanted <= {package for package, _ in pins("run.txt")}

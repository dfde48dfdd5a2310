"""The pure modules: one list, the import contract `pure` in pyproject.toml; coverage and tests read it there."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def pure_files() -> list[Path]:
    """Every pure module's file; a package stands for all of its modules."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contract = next(item for item in project["tool"]["importlinter"]["contracts"] if item["id"] == "pure")
    return [file for name in contract["source_modules"] for file in _files(ROOT.joinpath(*name.split(".")))]


def _files(module: Path) -> list[Path]:
    file = module.with_suffix(".py")
    found = [file] if file.is_file() else [each for each in sorted(module.glob("*.py")) if each.name != "__init__.py"]
    if not found:
        raise FileNotFoundError(f"pyproject.toml calls {module.name} pure, but there is no such module")
    return found


if __name__ == "__main__":
    print(",".join(str(file.relative_to(ROOT)) for file in pure_files()))  # noqa: T201 - for the Makefile

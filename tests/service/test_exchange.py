"""Crews, vehicles and depots come in from tables and go out as such."""

import io
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.errors import BadInput
from firewatch.files import sheets
from firewatch.files.sheets import Sheet
from firewatch.resources import exchange
from firewatch.resources.exchange import Import
from firewatch.resources.models import ChangeKind, Crew, Depot, ResourceChange, ResourceKind, ResourceStatus, Stock
from firewatch.rulebook.read import Rulebook, default_folder
from tests.build import prepare, rows, set_rows

ALL = tuple(ResourceKind)
CREWS = (default_folder() / "crews.csv").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def alliance(db: Database, rulebook: Rulebook) -> None:
    prepare(db, rulebook)


def bring_in(db: Database, clock: FixedClock, *files: Path, agency: str | None = None) -> Import:
    tables = [sheet for file in files for sheet in sheets.read(file)]
    with db.read() as session:
        dry = exchange.look(session, tables, agency)
    with db.write() as session:
        done = exchange.bring_in(session, clock, tables, "officer", agency)
    assert dry == done
    return done


def crews_file(tmp_path: Path, *replaced: tuple[str, str], encoding: str = "utf-8") -> Path:
    text = CREWS
    for old, new in replaced:
        assert old in text
        text = text.replace(old, new)
    file = tmp_path / "crews.csv"
    file.write_bytes(text.encode(encoding))
    return file


def take_out(db: Database, agency: str | None = None) -> list[Sheet]:
    with db.read() as session:
        return exchange.take_out(session, ALL, agency)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_goes_out_comes_in_again_and_changes_nothing(
    db: Database, clock: FixedClock, rulebook: Rulebook, tmp_path: Path, form: str
) -> None:
    tables = take_out(db)
    files = [tmp_path / "pool.xlsx"] if form == "xlsx" else [tmp_path / f"{table.name}.csv" for table in tables]
    if form == "xlsx":
        files[0].write_bytes(sheets.as_workbook(tables))
    else:
        for file, table in zip(files, tables, strict=True):
            file.write_bytes(sheets.as_csv(table))
    done = bring_in(db, clock, *files)
    assert (done.problems, done.changes) == ([], [])
    assert len(done.rows) == len(rulebook.crews) + len(rulebook.vehicles) + len(rulebook.depots)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_a_changed_table_changes_what_differs_and_puts_it_on_record(
    db: Database, clock: FixedClock, tmp_path: Path, encoding: str
) -> None:
    line = next(each for each in CREWS.splitlines() if each.startswith("kangle-lianlu"))
    new = "kangle-new,kangle,康乐新队,Kangle new crew,part_time,20,是,20,45,squad=2,35.3,103.6"
    renamed = ("Kangle professional crew,professional,32", "Kangle crew,professional,35")
    file = crews_file(tmp_path, renamed, (line, new), encoding=encoding)
    set_rows(db, Crew, ["kangle-pro"], status=ResourceStatus.ON_SCENE)
    done = bring_in(db, clock, file)
    assert done.problems == []
    assert [(each.resource_id, each.what) for each in done.changes] == [
        ("kangle-pro", ChangeKind.CHANGED),
        ("kangle-new", ChangeKind.ADDED),
        ("kangle-lianlu", ChangeKind.RETIRED),
    ]
    crews = {row.id: row for row in rows(db, Crew)}
    assert (crews["kangle-pro"].people, crews["kangle-pro"].name_zh) == (35, "康乐专业扑火队")
    assert (crews["kangle-pro"].status, crews["kangle-pro"].version) == (ResourceStatus.ON_SCENE, 2)
    assert (crews["kangle-new"].may_attack, crews["kangle-new"].name_zh) == (True, "康乐新队")
    assert (crews["kangle-new"].turnout_night_minutes, crews["kangle-pro"].turnout_night_minutes) == (45, 15)
    assert not crews["kangle-lianlu"].active
    record = rows(db, ResourceChange)
    assert [(row.by, row.at, row.agency_id) for row in record] == [("officer", clock.now(), "kangle")] * 3
    assert record[0].before == {"name_en": "Kangle professional crew", "people": 32}
    assert record[0].after == {"name_en": "Kangle crew", "people": 35}


def test_everything_wrong_is_told_at_once_and_nothing_is_changed(
    db: Database, clock: FixedClock, tmp_path: Path
) -> None:
    was, now = "州专业扑火队,Prefecture professional crew,professional,36", "州专业扑火队,,professional,many"
    file = crews_file(tmp_path, (was, now), ("kangle-pro,", "kangle-depot,"), ("hezheng-pro,", "kangle-lianlu,"))
    before = rows(db, Crew)
    done = bring_in(db, clock, file)
    assert [str(problem) for problem in done.problems] == [
        "crews.csv line 2: name_en: nothing stands there: an English name of 1 to 80 characters",
        "crews.csv line 2: people: “many” does not hold: a whole number from 1 to 500",
        "crews.csv line 3: id: kangle-depot is the id of a depot of kangle",
        "crews.csv line 5: id: kangle-lianlu stands in crews.csv line 4 already",
    ]
    assert rows(db, Crew) == before
    assert rows(db, ResourceChange) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,agency\nx,kangle\n", "x.csv: its columns tell no kind of resource: crews: may_attack, people; "),
        ("id,people,men\nx,3,4\n", "x.csv: men: is no column of crews: they are id, agency, "),
        ("id,people\nx,3\n", "x.csv: agency: is missing among the columns of crews"),
        (CREWS.replace("lon", "lon,,note", 1), "x.csv: has a column without a name"),
        (CREWS.replace("lon", "lon,lat", 1), "x.csv: lat: stands there twice"),
        (CREWS.replace("36,true", "36,true,1,2", 1), "x.csv line 2: has more cells than there are columns"),
        (CREWS.replace("kangle-pro,kangle", "kangle-pro,moon"), "x.csv line 3: agency: moon is not known"),
        (
            CREWS.partition("\n")[0],
            "crews: name nothing of hezheng: is it the table of one agency?",
        ),
    ],
)
def test_a_table_that_does_not_fit_is_told_where(
    db: Database, clock: FixedClock, tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "x.csv"
    file.write_text(text, encoding="utf-8")
    assert any(str(problem).startswith(said) for problem in bring_in(db, clock, file).problems)


def test_a_rule_over_several_fields_names_the_one_it_is_about(db: Database, clock: FixedClock, tmp_path: Path) -> None:
    file = tmp_path / "vehicles.csv"
    text = (default_folder() / "vehicles.csv").read_text(encoding="utf-8")
    file.write_text(text.replace("crew_carrier,standard,40,2", "crew_carrier,standard,40,50", 1), encoding="utf-8")
    assert [(each.line, each.column) for each in bring_in(db, clock, file).problems] == [(2, "crew_aboard")]


def test_the_table_of_one_agency_leaves_the_others_alone(db: Database, clock: FixedClock, tmp_path: Path) -> None:
    lines = CREWS.splitlines()
    file = tmp_path / "crews.csv"
    file.write_text("\n".join([lines[0], *(line for line in lines if line.startswith("kangle-pro"))]), encoding="utf-8")
    refused = bring_in(db, clock, file)
    assert "hezheng" in str(refused.problems[0])
    done = bring_in(db, clock, file, agency="kangle")
    assert {each.what for each in done.changes} == {ChangeKind.RETIRED}
    assert {row.agency_id for row in rows(db, Crew) if not row.active} == {"kangle"}
    other = bring_in(db, clock, file, agency="hezheng")
    assert [problem.column for problem in other.problems] == ["agency", "id"]


def test_what_an_order_counts_on_is_not_set_inactive(db: Database, clock: FixedClock, tmp_path: Path) -> None:
    set_rows(db, Crew, ["kangle-lianlu"], status=ResourceStatus.EN_ROUTE)
    set_rows(db, Stock, [rows(db, Stock, Stock.depot_id == "kangle-depot")[0].id], reserved=1)
    lines = [line for line in CREWS.splitlines() if not line.startswith("kangle-lianlu")]
    (tmp_path / "crews.csv").write_text("\n".join(lines), encoding="utf-8")
    depots = (default_folder() / "depots.csv").read_text(encoding="utf-8").splitlines()
    kept = [line for line in depots if not line.startswith("kangle-depot")]
    (tmp_path / "depots.csv").write_text("\n".join(kept), encoding="utf-8")
    done = bring_in(db, clock, tmp_path / "crews.csv", tmp_path / "depots.csv")
    said = " | ".join(str(problem) for problem in done.problems)
    assert "kangle-lianlu is not named, but cannot be set inactive: its order has to be released first" in said
    assert "kangle-depot is not named, but cannot be set inactive: orders have taken tools" in said
    assert all(row.active for table in (Crew, Depot) for row in rows(db, table))


def test_stock_comes_in_and_what_orders_hold_stays_held(db: Database, clock: FixedClock, tmp_path: Path) -> None:
    held = rows(db, Stock, Stock.depot_id == "kangle-depot", Stock.capability == "blower")[0]
    set_rows(db, Stock, [held.id], reserved=3)
    text = (default_folder() / "depots.csv").read_text(encoding="utf-8")
    file = tmp_path / "depots.csv"
    file.write_text(text.replace("blower=25 flapper=100 pump=4", "blower=30 drone=2 pump=4", 1), encoding="utf-8")
    assert bring_in(db, clock, file).problems == []
    stock = {row.capability: (row.units, row.reserved) for row in rows(db, Stock, Stock.depot_id == "kangle-depot")}
    assert (stock["blower"], stock["drone"], stock["flapper"]) == ((30, 3), (2, 0), (0, 0))


def test_no_text_becomes_a_formula(db: Database, clock: FixedClock, tmp_path: Path) -> None:
    evil = '=HYPERLINK("http://x","y")'
    set_rows(db, Crew, ["kangle-pro"], name_en=evil, name_zh="+86", lon=-103.5)
    tables = take_out(db)
    book, flat = tmp_path / "pool.xlsx", tmp_path / "crews.csv"
    book.write_bytes(sheets.as_workbook(tables))
    flat.write_bytes(sheets.as_csv(tables[0]))
    cells = [cell for row in load_workbook(book)["crews"].iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert f"'{evil}" in {cell.value for cell in cells}
    assert "'=HYPERLINK" in flat.read_text(encoding="utf-8-sig")
    assert ",-103.5" in flat.read_text(encoding="utf-8-sig")
    for file in (book, flat):
        assert bring_in(db, clock, file).changes == []


def test_a_workbook_as_an_office_makes_it_is_read(db: Database, clock: FixedClock, tmp_path: Path) -> None:
    book = Workbook()
    page = book.create_sheet("队伍")
    header = CREWS.splitlines()[0].split(",")
    page.append([*header, None])
    page.append([None])
    page.append(
        [
            "kangle-pro",
            "kangle",
            "康乐专业扑火队",
            "Kangle professional crew",
            "professional",
            33.0,
            True,
            10,
            15,
            "squad=4",
            35.372,
            103.706,
        ]
    )
    file = tmp_path / "crews.xlsx"
    book.save(file)
    done = bring_in(db, clock, file, agency="kangle")
    assert done.problems == []
    assert rows(db, Crew, Crew.id == "kangle-pro")[0].people == 33
    page.append(["kangle-x", "kangle", "某队", "Some crew", "army", 3, True, 10])
    book.save(file)
    said = [str(problem) for problem in bring_in(db, clock, file, agency="kangle").problems]
    assert [each.partition(": ")[0] for each in said] == ["crews.xlsx [队伍] line 4"] * 3


def bomb() -> bytes:
    """Something that would unpack to 40 MB."""
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as file:
        file.writestr("xl/worksheets/sheet1.xml", b" " * 40_000_000)
    return packed.getvalue()


def workbook(part: str, old: bytes, new: bytes) -> bytes:
    """A workbook with a cell in A1 and A2 of which something was broken by hand."""
    whole, broken, book = io.BytesIO(), io.BytesIO(), Workbook()
    for cell in ("id", "x"):
        book.active.append([cell])
    book.save(whole)
    with ZipFile(whole) as read, ZipFile(broken, "w", ZIP_DEFLATED) as write:
        for name in read.namelist():
            data = read.read(name)
            assert name != part or old in data
            write.writestr(name, data.replace(old, new) if name == part else data)
    return broken.getvalue()


FIRST_SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("x.ods", b"", "needs to be one of these: .csv, .xlsx"),
        ("x.xlsx", b"PK no", "not a workbook"),
        ("x.csv", b"\xff\xff\xff", "neither UTF-8 nor GBK"),
        ("x.csv", b'id,people\n"x', "line 2: not CSV"),
        ("x.csv", b"\n\n", "nothing in it"),
        ("x.csv", b"id\n" + b"x\n" * 5_001, "more than 5000 lines"),
        ("x.xlsx", bomb(), "far too large"),
        ("x.xlsx", workbook(FIRST_SHEET, b'<row r="2"', b'<row r="1048576"'), "far too large"),
        ("x.xlsx", workbook(FIRST_SHEET, b"</row>", b""), "not a workbook"),
        ("x.xlsx", workbook("xl/styles.xml", b"<font>", b'<font odd="1">'), "not a workbook"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(BadInput, match=said):
        sheets.read(tmp_path / name)
    with pytest.raises(BadInput, match="cannot be read"):
        sheets.read(tmp_path / "nothing.csv")


def test_what_a_workbook_says_of_its_size_is_not_believed() -> None:
    data = workbook(FIRST_SHEET, b'ref="A1:A2"', b'ref="A1:XFD1048576"')
    (sheet,) = sheets.parse("x.xlsx", data)
    assert (sheet.columns, sheet.lines) == (["id"], [(2, {"id": "x"})])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sheets")


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12).map(str.strip)


@example(["'="])
@given(st.lists(TEXT, min_size=1, max_size=5).filter(any))
def test_any_text_survives_the_way_out_and_in(folder: Path, cells: list[str]) -> None:
    columns = [f"c{number}" for number in range(len(cells))]
    table = Sheet("t", columns, [(2, {name: cell for name, cell in zip(columns, cells, strict=True) if cell})])
    (folder / "t.csv").write_bytes(sheets.as_csv(table))
    (folder / "t.xlsx").write_bytes(sheets.as_workbook([table]))
    for name in ("t.csv", "t.xlsx"):
        assert [dict(each) for _, each in sheets.read(folder / name)[0].lines] == [dict(table.lines[0][1])]

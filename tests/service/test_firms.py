"""NASA FIRMS over real HTTP: its table, its outages, and a key that nobody ever gets to see."""

import logging
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from firewatch.adapters.firms import Firms, confidence_of, parse
from firewatch.hotspots.feed import Box
from firewatch.hotspots.models import Confidence
from firewatch.weather.feeds import FeedDown
from tests.fake_firms import KEY, MODIS, VIIRS, Bad, FakeFirms, modis_row, viirs_row

BOX = Box(102.5, 35.0, 104.1, 36.3)
SOURCE = "VIIRS_NOAA20_NRT"


@pytest.fixture
def fake() -> Iterator[FakeFirms]:
    with FakeFirms() as server:
        yield server


def feed(fake: FakeFirms, source: str = SOURCE, key: str = KEY, timeout_seconds: float = 5) -> Firms:
    return Firms(
        source, fake.url + "/", key, timeout_seconds=timeout_seconds, first_wait_seconds=0.01, longest_wait_seconds=2
    )


def test_one_request_for_two_days_of_the_window(fake: FakeFirms) -> None:
    fake.rows[SOURCE] = [viirs_row(35.3, 103.65, "2026-04-01", 5, confidence="h", frp=12.25)]
    answer = feed(fake).fetch(BOX)
    assert fake.requests == [f"/api/area/csv/{KEY}/{SOURCE}/102.5,35,104.1,36.3/2"]
    (one,) = answer.detections
    assert one.acquired_at == datetime(2026, 4, 1, 0, 5, tzinfo=UTC), "times have no leading zeros"
    assert (one.satellite, one.instrument, one.confidence) == ("N20", "VIIRS", Confidence.HIGH)
    assert (one.lat, one.lon, one.frp_mw, one.brightness_k) == (35.3, 103.65, 12.25, 330.1)


def test_modis_tells_percent_and_another_brightness(fake: FakeFirms) -> None:
    fake.rows["MODIS_NRT"] = [modis_row(35.3, 103.65, "2026-03-31", 1745, confidence=n) for n in (29, 30, 79, 80)]
    answer = feed(fake, "MODIS_NRT").fetch(BOX)
    words = [each.confidence for each in answer.detections]
    assert words == [Confidence.LOW, Confidence.NOMINAL, Confidence.NOMINAL, Confidence.HIGH]
    assert {each.brightness_k for each in answer.detections} == {321.5}


def test_a_table_without_rows_is_no_fire(fake: FakeFirms) -> None:
    answer = feed(fake).fetch(BOX)
    assert (list(answer.detections), answer.refused) == ([], 0)


@pytest.mark.parametrize("bad", ["gateway", "reset", "half", "limited", "cut"])
def test_what_may_pass_is_asked_again(fake: FakeFirms, bad: Bad) -> None:
    fake.rows[SOURCE] = [viirs_row(35.3, 103.65, "2026-04-01", 612)] * 3
    fake.script, fake.retry_after = [bad], "0"
    assert len(feed(fake).fetch(BOX).detections) == 3
    assert len(fake.requests) == 2


@pytest.mark.parametrize(
    ("bad", "said", "asked"),
    [
        ("gateway", "HTTP 502", 3),
        ("reset", "connection failed", 3),
        ("half", "connection failed", 3),
        ("cut", "answered half of it", 3),
        ("silence", "no answer within 0.1 s", 3),
        ("page", "answered a web page", 1),
        ("empty", "answered nothing at all", 1),
        ("told_no", "Exceeding allowed transactions for ***", 1),
        ("binary", "not text", 1),
        ("crumbs", "answered in crumbs: not whole after 0.8 s", 3),
    ],
)
def test_an_outage_is_an_outage_whatever_its_status(fake: FakeFirms, bad: Bad, said: str, asked: int) -> None:
    fake.rows[SOURCE] = [viirs_row(35.3, 103.65, "2026-04-01", 612)] * 3
    fake.always = bad
    with pytest.raises(FeedDown, match=re.escape(said)):
        feed(fake, timeout_seconds=0.1 if bad in {"silence", "crumbs"} else 5).fetch(BOX)
    assert len(fake.requests) == asked


@pytest.mark.parametrize(("bad", "asked", "said"), [("table_400", 1, "HTTP 400"), ("table_500", 3, "HTTP 500")])
def test_fires_in_the_table_count_whatever_the_status_and_their_absence_does_not(
    fake: FakeFirms, bad: Bad, asked: int, said: str
) -> None:
    fake.always = bad
    with pytest.raises(FeedDown, match=said):
        feed(fake).fetch(BOX)
    assert len(fake.requests) == asked
    fake.rows[SOURCE] = [viirs_row(35.3, 103.65, "2026-04-01", 612)]
    assert len(feed(fake).fetch(BOX).detections) == 1


def test_one_request_at_a_time_whatever_the_number_of_data_sets(fake: FakeFirms) -> None:
    fake.seconds = 0.1
    feeds = [feed(fake, source) for source in (SOURCE, "VIIRS_NOAA21_NRT", "VIIRS_SNPP_NRT", "MODIS_NRT")]
    with ThreadPoolExecutor(len(feeds)) as pool:
        answers = list(pool.map(lambda each: each.fetch(BOX), feeds))
    assert [len(answer.detections) for answer in answers] == [0] * 4
    assert (len(fake.requests), fake.most_at_once) == (4, 1)


def test_a_long_wait_is_kept_without_asking(fake: FakeFirms) -> None:
    fake.script, fake.retry_after = ["limited"], "600"
    patient = feed(fake)
    with pytest.raises(FeedDown, match="asks to wait 600 s"):
        patient.fetch(BOX)
    with pytest.raises(FeedDown, match="asked to wait another"):
        patient.fetch(BOX)
    assert len(fake.requests) == 1


def test_a_bad_key_says_what_to_do_and_is_not_asked_again(fake: FakeFirms) -> None:
    with pytest.raises(FeedDown, match="check FIREWATCH_FIRMS_KEY"):
        feed(fake, key="f" * 32).fetch(BOX)
    assert len(fake.requests) == 1


@pytest.mark.parametrize("bad", ["gateway", "told_no", "half", None])
def test_nobody_sees_the_key(fake: FakeFirms, bad: Bad | None, caplog: pytest.LogCaptureFixture) -> None:
    fake.rows[SOURCE] = [viirs_row(35.3, 103.65, "2026-04-01", 612)]
    fake.always = bad
    asking, seen = feed(fake), [""]
    with caplog.at_level(logging.INFO), capture_logs() as logs:
        try:
            asking.fetch(BOX)
        except FeedDown as error:
            seen += [str(error), repr(error), repr(error.__cause__)]
    payloads = asking.payloads()
    seen += [repr(asking), repr(logs), *(text for each in payloads for text in (each.request, each.body.decode()))]
    # What httpx tells of itself is turned off in `log.configure`; here it is on, and is not ours.
    seen += [record.getMessage() for record in caplog.records if record.name != "httpx"]
    assert not [text for text in seen if KEY in text]
    if bad != "half":
        assert "/***/" in payloads[0].request
    assert asking.payloads() == [], "handed over once"


def test_rows_that_cannot_be_read_are_counted_and_the_others_stand() -> None:
    good = viirs_row(35.3, 103.65, "2026-04-01", 612)
    bad = [
        viirs_row(95, 103.65, "2026-04-01", 612),
        viirs_row(35.3, 103.65, "2026-13-01", 612),
        viirs_row(35.3, 103.65, "2026-04-01", 2460),
        good.replace(",612,", ",6:12,"),
        good.replace(",n,", ",x,"),
        good.replace(",n,", ",101,"),
        good.replace("N20", " "),
        "35.3,103.65",
    ]
    answer = parse("\n".join([VIIRS, *bad, good, ""]))
    assert (len(answer.detections), answer.refused) == (1, len(bad))
    with pytest.raises(FeedDown, match="none can be read"):
        parse("\n".join([VIIRS, *bad, ""]))


def test_a_stray_quote_swallows_no_rows() -> None:
    good = viirs_row(35.3, 103.65, "2026-04-01", 612)
    answer = parse("\n".join([VIIRS, good.replace("VIIRS", '"VIIRS'), good, good, ""]))
    assert [(each.instrument, answer.refused) for each in answer.detections] == [("VIIRS", 0)] * 3


def test_missing_figures_are_missing_not_zero() -> None:
    row = viirs_row(35.3, 103.65, "2026-04-01", 612, frp="", bright="nan")
    (one,) = parse(f"{VIIRS}\n{row}\n").detections
    assert (one.frp_mw, one.brightness_k) == (None, None)
    without = MODIS.replace("brightness", "something")
    (one,) = parse(f"{without}\n{modis_row(35.3, 103.65, '2026-04-01', 612)}\n").detections
    assert (one.frp_mw, one.brightness_k) == (12.0, None)


def test_confidence() -> None:
    assert [confidence_of(text) for text in ("l", " N ", "h", "0", "100")] == [
        Confidence.LOW,
        Confidence.NOMINAL,
        Confidence.HIGH,
        Confidence.LOW,
        Confidence.HIGH,
    ]


@pytest.mark.reference
@pytest.mark.parametrize(("name", "rows"), [("firms_n20.csv", 21), ("firms_n20_later.csv", 32), ("firms_n21.csv", 24)])
def test_recorded_captures(fake: FakeFirms, reference: Path, name: str, rows: int) -> None:
    fake.bodies[SOURCE] = (reference / "weather" / "firms" / name).read_bytes()
    answer = feed(fake).fetch(BOX)
    assert (len(answer.detections), answer.refused) == (rows, 0)
    keys = {(each.satellite, each.acquired_at, each.lat, each.lon) for each in answer.detections}
    assert len(keys) == rows


@pytest.mark.reference
def test_a_recorded_capture_with_outages(fake: FakeFirms, reference: Path) -> None:
    fake.bodies[SOURCE] = (reference / "weather" / "firms" / "firms_n20.csv").read_bytes()
    asking = feed(fake)
    fake.script = ["gateway", "half"]
    assert len(asking.fetch(BOX).detections) == 21
    assert [payload.status for payload in asking.payloads()] == [502, 200]
    fake.script = ["page", "cut", "cut", "cut", "told_no"]
    for said in ("web page", "half of it", "Exceeding allowed transactions"):
        with pytest.raises(FeedDown, match=said):
            asking.fetch(BOX)
    assert len(asking.fetch(BOX).detections) == 21


@pytest.mark.reference
def test_the_recorded_refusal_of_a_key(fake: FakeFirms, reference: Path) -> None:
    fake.bodies[SOURCE] = (reference / "weather" / "firms" / "firms_error.txt").read_bytes()
    with pytest.raises(FeedDown, match="refuses the key"):
        feed(fake).fetch(BOX)

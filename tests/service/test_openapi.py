"""The API against its own description: schemathesis sends what fits it and what does not, and believes no answer.

Its checks: no 5xx, no answer that is not documented, bodies and media types as described, what does not fit refused,
what fits taken, 405 with the methods there are, no way in without a token, what was deleted gone.
"""

from collections import Counter

import pytest
import schemathesis
from schemathesis.checks import CHECKS
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.hotspots.feed import Sighted
from firewatch.hotspots.models import Confidence
from firewatch.hotspots.take_in import take_in
from firewatch.rulebook.read import Rulebook
from tests.build import JISHISHAN, incident_of, ordered_fire, plan_fire, prepare, report_fire
from tests.service.server import TOKEN, application, running
from tests.service.warnings import Watch

SEED = 20260401
EXAMPLES = {True: 16, False: 6}
"""Of each operation, on SQLite and on PostgreSQL: there it is the same API over another database."""
# What fits the description may still be refused by what only the clock and the database know: a report of tomorrow,
# of an agency that is not a member, an order declined without its reason.
TAKEN = ["2xx", "401", "403", "404", "409", "422"]
CONFIG = {
    "headers": {"Authorization": f"Bearer {TOKEN}"},
    "seed": SEED,
    "checks": {"positive_data_acceptance": {"expected-statuses": TAKEN}},
    "workers": 1,
}


def burning_alliance(db: Database, clock: FixedClock, book: Rulebook) -> None:
    """Fires in several states, so that ids found by chance mean something."""
    prepare(db, book)
    ordered_fire(db, clock, book)
    report_fire(db, clock, book, place=(35.31, 103.65))
    plan_fire(db, clock, book, incident_of(report_fire(db, clock, book, place=JISHISHAN)))
    with db.write() as session:
        hot = Sighted("N20", "VIIRS", clock.now(), 35.25, 103.35, Confidence.HIGH)
        take_in(session, clock, book, "VIIRS_NOAA20_NRT", [hot])
    watch = Watch(db, clock, book)
    watch.grade(4)
    watch.draw_up()


@pytest.mark.timeout(500)
def test_the_api_is_what_it_says(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    burning_alliance(db, clock, rulebook)
    answers, tested, failures = Counter[int](), set[str](), set[str]()
    config = CONFIG | {"generation": {"max-examples": EXAMPLES[db.is_sqlite], "database": "none"}}
    with running(application(db, clock, rulebook)) as address:
        schema = schemathesis.openapi.from_url(
            f"{address}/api/v1/openapi.json", config=SchemathesisConfig.from_dict(config)
        )
        for event in from_schema(schema).execute():
            if isinstance(event, events.FatalError | events.NonFatalError):
                failures.add(repr(event))
            if isinstance(event, events.ScenarioFinished):
                tested.add(event.recorder.label)
                answers.update(one.response.status_code for one in event.recorder.interactions.values() if one.response)
                failures |= broken(event)
    assert not failures, "\n".join(sorted(failures))
    operations = {f"{method.upper()} {path}" for path, item in schema.raw_schema["paths"].items() for method in item}
    assert operations <= tested
    assert set(CHECKS.get_all_names()) >= {"not_a_server_error", "ignored_auth", "unsupported_method"}
    assert sum(answers.values()) > 500
    # It got further than the door: things were made, moved, and refused for each of the reasons there are.
    assert {200, 201, 202, 401, 404, 405, 409, 422} <= set(answers)
    assert not {status for status in answers if status >= 500}


def broken(event: events.ScenarioFinished) -> set[str]:
    """What the checks of a scenario complain about, with the request that shows it."""
    return {
        f"{event.recorder.label}: {node.name}: {node.failure_info.failure}\n  {node.failure_info.code_sample}"
        for nodes in event.recorder.checks.values()
        for node in nodes
        if node.status is Status.FAILURE and node.failure_info is not None
    }

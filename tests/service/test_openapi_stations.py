"""What stations send, tried against its description with a station's own token: the other run only meets the door."""

from collections import Counter

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.rulebook.read import Rulebook
from tests.build import prepare
from tests.service.server import application, running
from tests.service.stations import token_of, with_stations
from tests.service.test_openapi import CONFIG, broken


@pytest.mark.timeout(200)
def test_the_door_of_stations_is_what_it_says(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    book = with_stations(rulebook)
    prepare(db, book)
    headers = {"Authorization": f"Bearer {token_of(db, clock, 'ST-1')}"}
    generation = {"max-examples": 25, "database": "none"}
    config = CONFIG | {"headers": headers, "parameters": {"path.station": "ST-1"}, "generation": generation}
    answers, failures = Counter[int](), set[str]()
    with running(application(db, clock, book)) as address:
        schema = schemathesis.openapi.from_url(
            f"{address}/api/v1/openapi.json", config=SchemathesisConfig.from_dict(config)
        ).include(path_regex="observations$")
        for event in from_schema(schema).execute():
            if isinstance(event, events.FatalError | events.NonFatalError):
                failures.add(repr(event))
            if isinstance(event, events.ScenarioFinished):
                answers.update(one.response.status_code for one in event.recorder.interactions.values() if one.response)
                failures |= broken(event)
    assert not failures, "\n".join(sorted(failures))
    assert {200, 401, 405, 422} <= set(answers)
    assert answers[200] > 10
    assert not {status for status in answers if status >= 500}

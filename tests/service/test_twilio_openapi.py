"""Every request we make of Twilio, field by field and against its own OpenAPI document.

The document lets any text through where a number belongs, so that each field is looked at here besides. Where Node is
at hand, `FIREWATCH_TEST_PRISM` names Prism's program: then Twilio's document itself answers and judges us.
"""

import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from firewatch.adapters.twilio_sms import TwilioSms
from firewatch.adapters.twilio_voice import TwilioVoice
from tests.fake_twilio import ACCOUNT, SENDER, TOKEN, Asked, FakeTwilio
from tests.service.test_twilio import BODY, PHONE, outgoing

HOOKS = "https://firewatch.example/webhooks/twilio"
SERVICE = "MG" + "1" * 32
ACCOUNTS = "/2010-04-01/Accounts"
E164 = re.compile(r"\+[1-9]\d{6,14}")


@pytest.fixture
def document(reference: Path) -> dict[str, Any]:
    made: dict[str, Any] = json.loads((reference / "twilio" / "twilio_api_v2010.json").read_text(encoding="utf-8"))
    return made


def everything(base: str, *, sender: str = SENDER) -> None:
    """Every request that the two channels can make."""
    common = {"account_sid": ACCOUNT, "auth_token": TOKEN, "base_url": base, "timeout_seconds": 10.0}
    since = datetime.now(UTC) - timedelta(minutes=5)
    with closing(TwilioSms(sender=sender, callback_url=f"{HOOKS}/status", **common)) as sms:  # type: ignore[arg-type]  # texts and one number
        taken = sms.send(outgoing())
        sms.send(outgoing(valid_seconds=None))
        sms.find(PHONE, "123456", since, ())
        sms.status(taken.provider_id)
        sms.received(since)
    with closing(TwilioVoice(caller=SENDER, hooks=HOOKS, **common)) as voice:  # type: ignore[arg-type]  # the same
        placed = voice.send(outgoing())
        voice.find(PHONE, "123456", since, ())
        voice.status(placed.provider_id)


def operation(document: Mapping[str, Any], asked: Asked) -> tuple[dict[str, Any], dict[str, Any]]:
    """The operation that a request is, with the schemas of what may be in it, by name."""
    path = urlsplit(asked.target).path
    for template, item in document["paths"].items():
        if re.fullmatch(
            re.sub(r"\{\w+\}", r"[^/]+", re.escape(template).replace(r"\{", "{").replace(r"\}", "}")), path
        ):
            found: dict[str, Any] = item[asked.method.lower()]
            return found, schemas(found)
    raise AssertionError(f"Twilio has no {path}")


def schemas(found: Mapping[str, Any]) -> dict[str, Any]:
    if "requestBody" in found:
        body = found["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
        return dict(body["properties"])
    return {each["name"]: each["schema"] for each in found.get("parameters", []) if each["in"] == "query"}


def fields_of(asked: Asked) -> dict[str, list[str]]:
    return parse_qs(asked.body.decode() if asked.method == "POST" else urlsplit(asked.target).query)


def check(value: str, schema: Mapping[str, Any]) -> None:
    if schema["type"] == "integer":
        assert value.isdecimal()
        assert schema.get("minimum", 0) <= int(value) <= schema.get("maximum", 10**9)
    if "pattern" in schema:
        assert re.search(schema["pattern"], value)
    if schema.get("format") in {"phone-number", "endpoint"}:
        assert E164.fullmatch(value)
    if schema.get("format") == "uri":
        assert urlsplit(value).scheme == "https"


@pytest.mark.reference
@pytest.mark.parametrize("sender", [SENDER, SERVICE])
def test_every_request_is_one_of_twilios_own(document: dict[str, Any], sender: str) -> None:
    with FakeTwilio() as fake:
        everything(fake.url, sender=sender)
        asked = list(fake.asked)
    assert len(asked) == 8
    for request in asked:
        found, known = operation(document, request)
        sent = fields_of(request)
        assert not set(sent) - set(known), "a field that Twilio does not know"
        body = found.get("requestBody", {}).get("content", {}).get("application/x-www-form-urlencoded", {})
        assert set(body.get("schema", {}).get("required", [])) <= set(sent)
        for name, values in sent.items():
            schema = known[name]
            assert len(values) == 1 or schema["type"] == "array"
            for value in values:
                check(value, schema["items"] if schema["type"] == "array" else schema)


@pytest.mark.reference
def test_the_fake_answers_in_twilios_words(document: dict[str, Any]) -> None:
    """What our tests stand on: every name and every status that the fake provider gives is in Twilio's document."""
    parts = document["components"]["schemas"]
    with FakeTwilio(progress_seconds=0) as fake:
        everything(fake.url)
        auth = (ACCOUNT, TOKEN)
        calls = httpx.get(f"{fake.url}{ACCOUNTS}/{ACCOUNT}/Calls.json?To={PHONE.replace('+', '%2B')}", auth=auth)
        texts = httpx.get(f"{fake.url}{ACCOUNTS}/{ACCOUNT}/Messages.json", auth=auth)
    for name, shown in (("call", calls.json()["calls"]), ("message", texts.json()["messages"])):
        assert shown
        for each in shown:
            assert not set(each) - set(parts[f"api.v2010.account.{name}"]["properties"])
            assert each["status"] in parts[f"{name}_enum_status"]["enum"]


def test_each_field_of_a_text_and_of_a_call() -> None:
    with FakeTwilio() as fake:
        everything(fake.url)
        text, _, *_, call, _, _ = fake.asked
    assert fields_of(text) == {
        "To": [PHONE],
        "From": [SENDER],
        "Body": [BODY],
        "StatusCallback": [f"{HOOKS}/status?message=1"],
        "ValidityPeriod": ["600"],
    }
    sent = fields_of(call)
    assert sent.pop("Twiml")[0].startswith("<Response><Gather")
    assert sent == {
        "To": [PHONE],
        "From": [SENDER],
        "Timeout": ["40"],
        "StatusCallback": [f"{HOOKS}/call?message=1"],
        "StatusCallbackEvent": ["initiated", "ringing", "answered", "completed"],
    }


@pytest.fixture
def prism(document: dict[str, Any], tmp_path: Path) -> Iterator[str]:
    """Prism over Twilio's document: it refuses what does not hold to it, and answers with its examples."""
    program = os.environ.get("FIREWATCH_TEST_PRISM")
    if not program:
        pytest.skip("FIREWATCH_TEST_PRISM names no program")
    served = tmp_path / "twilio.json"
    served.write_text(json.dumps(spelled_out(document)), encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = [program, "mock", "-h", "127.0.0.1", "-p", port, str(served)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield wait_until_up(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(timeout=30)


def spelled_out(document: dict[str, Any]) -> dict[str, Any]:
    """The document with how lists are sent, which is OpenAPI's default and which Prism wants to be told."""
    post = document["paths"][f"{ACCOUNTS}/{{AccountSid}}/Calls.json"]["post"]
    form = post["requestBody"]["content"]["application/x-www-form-urlencoded"]
    form["encoding"] = {"StatusCallbackEvent": {"style": "form", "explode": True}}
    return document


def wait_until_up(url: str) -> str:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        try:
            httpx.get(url, timeout=5)
        except httpx.TransportError:
            time.sleep(0.3)
        else:
            return url
    raise AssertionError("Prism did not start")


@pytest.mark.reference
@pytest.mark.timeout(180)
def test_twilios_own_document_takes_every_request(prism: str) -> None:
    broken = httpx.post(f"{prism}{ACCOUNTS}/{ACCOUNT}/Messages.json", data={"Body": "x"}, auth=(ACCOUNT, TOKEN))
    assert 400 <= broken.status_code < 500, "it judges: To is needed"
    everything(prism)

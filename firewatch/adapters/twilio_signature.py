"""Whether a request really is Twilio's: its signature, under our *configured* address, never under Host or Forwarded.

Source: https://www.twilio.com/docs/usage/security#validating-requests
"""

from collections.abc import Mapping, Sequence

from twilio.request_validator import RequestValidator


class TwilioSignature:
    """Checks signatures under one address; during a rotation the new and the old auth token are both good."""

    def __init__(self, public_url: str, auth_tokens: Sequence[str]) -> None:
        """Make ready for requests below `public_url`."""
        self._base = public_url.rstrip("/")
        self._validators = [RequestValidator(token) for token in auth_tokens]

    def __call__(self, target: str, fields: Mapping[str, Sequence[str]], signature: str) -> bool:
        """Return whether a signature is that of a request to `target` (path and query) with these form fields."""
        form = _Form(fields)
        return any(validator.validate(self._base + target, form, signature) for validator in self._validators)


class _Form(dict[str, Sequence[str]]):
    """A form as the validator reads one: fields may come again."""

    def getlist(self, name: str) -> Sequence[str]:
        return self[name]

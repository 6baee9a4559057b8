"""AWS KMS, which keeps master keys wrapped: `Encrypt` and `Decrypt` with one of its keys.

Region and credentials are what AWS's own variables, files or instance roles say. What is wrapped is bound to the master
key's id by its encryption context, which AWS puts into its audit trail, too.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as CannotConnect

from commerce.values.errors import BadUsage, Unavailable, first_line

_TIMEOUTS = Config(connect_timeout=2, read_timeout=3, retries={"total_max_attempts": 2, "mode": "standard"})
"""A call takes 10 s at most, and its pause before the second attempt."""
_FOR_NOW = frozenset({"DependencyTimeoutException", "KMSInternalException", "Throttling", "ThrottlingException"})
_RETRY_AFTER_S = 5


class AwsKeyService:
    """One key of AWS KMS: its id, ARN or alias. `endpoint` is where KMS is, if not where AWS says."""

    def __init__(self, key: str, endpoint: str | None = None) -> None:
        self.name = f"aws-kms {key}"
        self._key = key
        self._endpoint = endpoint
        self._client: Any = None

    def wrap(self, key_id: UUID, master_key: bytes) -> bytes:
        """A master key, wrapped. Raises `Unavailable`, `BadUsage`."""
        answer = self._ask("Encrypt", KeyId=self._key, Plaintext=master_key, EncryptionContext=_context(key_id))
        return bytes(answer["CiphertextBlob"])

    def unwrap(self, key_id: UUID, wrapped: bytes) -> bytes:
        """The master key of what `wrap` answered; with whichever key wrapped it. Raises `Unavailable`, `BadUsage`."""
        answer = self._ask("Decrypt", CiphertextBlob=wrapped, EncryptionContext=_context(key_id))
        return bytes(answer["Plaintext"])

    def _ask(self, operation: str, **asked: object) -> Any:
        try:
            if self._client is None:
                session = botocore.session.get_session()
                self._client = session.create_client("kms", endpoint_url=self._endpoint, config=_TIMEOUTS)
            return getattr(self._client, operation.lower())(**asked)
        except ClientError as error:
            code = str(error.response["Error"]["Code"])
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            if code in _FOR_NOW or status >= 500:
                raise Unavailable(f"{self.name} does not answer now: {code}", _RETRY_AFTER_S) from None
            raise BadUsage(f"{self.name} refuses to {operation.lower()} a master key: {code}") from None
        except (CannotConnect, HTTPClientError) as error:
            raise Unavailable(f"{self.name} does not answer: {type(error).__name__}", _RETRY_AFTER_S) from None
        except (BotoCoreError, ValueError) as error:
            raise BadUsage(f"{self.name} cannot be asked: {first_line(error)}") from None


def _context(key_id: UUID) -> dict[str, str]:
    return {"commerce:master-key": str(key_id)}

"""HTTP with a completion server: the connection, the key, and every way that it can fail in plain words.

In: a URL, a key, and requests.  Out: the server's messages as JSON, or ``RemoteError``.
Not here: what is asked, what the messages mean.
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import math
import os
import socket
import ssl
from collections.abc import AsyncGenerator, Iterator, Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx

from nextedit_lsp.engine.remote_events import EventLines, RemoteError, parsed, refusal

KEY_VARIABLE = "NEXTEDIT_API_KEY"

# A list of models is a few kilobytes, that of a large hub a few hundred.
MAX_BODY_BYTES = 8 << 20

# So much of an error's body is read to tell what kind it is.
MAX_ERROR_BYTES = 64 << 10

# A server that asks to be left alone for longer is asked again all the same.
MAX_RETRY_AFTER_S = 600.0


def checked_url(url: str) -> httpx.URL:
    """The server's base URL; raises ``RemoteError`` with the remedy for what can be none."""
    try:
        parsed_url = httpx.URL(url.strip())
    except (httpx.InvalidURL, ValueError) as error:
        raise RemoteError("The server's URL can't be read. It looks like http://127.0.0.1:8080/v1.") from error
    if parsed_url.scheme not in ("http", "https") or not parsed_url.host:
        raise RemoteError("The server's URL must begin with http:// or https:// and a host.")
    if parsed_url.port is not None and not 0 < parsed_url.port < 1 << 16:
        raise RemoteError("The server's URL has a port that there can't be: it must be from 1 to 65535.")
    if parsed_url.userinfo:
        raise RemoteError(f"The server's URL must hold no name and password. Put the key into {KEY_VARIABLE}.")
    if parsed_url.query or parsed_url.fragment:
        raise RemoteError("The server's URL must end with its path, such as /v1.")
    return parsed_url.copy_with(path=parsed_url.path.rstrip("/"))


def is_loopback(host: str) -> bool:
    """Whether the host is this machine by its very name."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def read_key(key_file: Path | None, environment: Mapping[str, str] | None = None) -> str | None:
    """The key: from the file if one is named, else from the environment."""
    if key_file is None:
        where = f"The key in {KEY_VARIABLE}"
        key = (os.environ if environment is None else environment).get(KEY_VARIABLE, "").strip()
    else:
        where = f"The key in {key_file}"
        try:
            key = key_file.expanduser().read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            raise RemoteError(f"The key file {key_file} can't be read. Check the path and its permissions.") from error
        if not key:
            raise RemoteError(f"The key file {key_file} is empty. Put the key into it.")
    # Else it could not be sent as a header, or would be two.
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise RemoteError(f"{where} is no key: it must be one word of printable ASCII characters.")
    return key or None


class Wire:
    """One server, over connections that are kept.  Requests go to its host alone: redirects are errors."""

    def __init__(self, url: httpx.URL, key: str | None, timeout_s: float, connect_timeout_s: float) -> None:
        self._url = url
        self.key = key
        self.is_encrypted = url.scheme == "https"
        self.is_local = is_loopback(url.host)
        # Compressed streams would be held back until a block is full.
        headers = {"Accept-Encoding": "identity", **({"Authorization": f"Bearer {key}"} if key else {})}
        try:
            self._client = httpx.AsyncClient(
                headers=headers,
                timeout=httpx.Timeout(timeout_s, connect=connect_timeout_s),
                follow_redirects=False,
                # To read all authorities' certificates takes a moment, and no one is asked for one here.
                verify=self.is_encrypted or not self.is_local,
                # A proxy can't reach what listens on this machine only, and must not see what is sent there.
                trust_env=not self.is_local,
            )
        except (ImportError, ValueError, OSError) as error:
            raise RemoteError("The proxy or certificate settings in the environment can't be used.") from error

    @property
    def place(self) -> str:
        """The server, for a person."""
        return str(self._url)

    async def get(self, path: str) -> dict[str, Any]:
        """The server's answer to a question without a body."""
        with self._failures():
            async with self._client.stream("GET", self.place + path) as response:
                await self._check(response)
                return parsed(await _body(response, MAX_BODY_BYTES))

    async def post(self, path: str, body: dict[str, Any], *, is_own: bool = False) -> dict[str, Any]:
        """The server's answer in one piece; ``is_own`` for what is not OpenAI's and stands beside ``/v1``."""
        base = self.place.removesuffix("/v1") if is_own else self.place
        with self._failures():
            async with self._client.stream("POST", base + path, **_content(body)) as response:
                await self._check(response)
                return parsed(await _body(response, MAX_BODY_BYTES))

    async def events(self, path: str, body: dict[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
        """The server's messages up to ``[DONE]``.  To be closed by who stops before; that ends the connection."""
        lines = EventLines()
        with self._failures():
            async with self._client.stream("POST", self.place + path, **_content(body)) as response:
                await self._check(response)
                if "application/json" in response.headers.get("content-type", ""):
                    # Servers that do not stream answer with one message.
                    yield parsed(await _body(response, MAX_BODY_BYTES))
                    return
                async for chunk in response.aiter_bytes():
                    for data in lines.feed(chunk):
                        if data.strip() == "[DONE]":
                            return
                        yield parsed(data)
                for data in lines.end():
                    if data.strip() != "[DONE]":
                        yield parsed(data)

    async def close(self) -> None:
        """End all connections; what is under way on them fails."""
        await self._client.aclose()

    async def _check(self, response: httpx.Response) -> None:
        if response.status_code != httpx.codes.OK:
            raise _failure(response, await _error_body(response), self.key is not None)

    @contextlib.contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except httpx.HTTPError as error:
            raise RemoteError(_reason(error, self.place)) from error
        except UnicodeError as error:
            # What Python says of names that there can't be.
            raise RemoteError(f"There can be no server at {self.place}. Check its name.") from error
        except RuntimeError as error:
            # What httpx says of a client that was closed.
            raise RemoteError("The connection to the server was closed.") from error


def _content(body: dict[str, Any]) -> dict[str, Any]:
    """The body as JSON.  Half a surrogate pair, as an editor may send it, is no UTF-8 and becomes a question mark."""
    content = json.dumps(body, ensure_ascii=False).encode("utf-8", errors="replace")
    return {"content": content, "headers": {"Content-Type": "application/json"}}


async def _body(response: httpx.Response, limit: int) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > limit:
            raise RemoteError("The server's answer is far too long. Check that the URL is a completion server's.")
    return bytes(body)


async def _error_body(response: httpx.Response) -> bytes:
    body = b""
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > MAX_ERROR_BYTES:
            break
    return body


def _failure(response: httpx.Response, body: bytes, has_key: bool) -> RemoteError:
    """What a status other than 200 means to the user."""
    code, host = response.status_code, response.request.url.host
    if response.next_request is not None:
        target = str(response.next_request.url.copy_with(query=None, fragment=None, userinfo=b""))[:200]
        return RemoteError(
            f"The server sends requests on to {target}, which is not followed: no code goes where you did not send it."
            " If you trust that address, set it as the URL."
        )
    if code in (401, 403):
        if has_key:
            return RemoteError(f"The server at {host} refuses the key (status {code}). Check the key.")
        return RemoteError(
            f"The server at {host} wants a key (status {code}). Put it into {KEY_VARIABLE} or name a key file."
        )
    if code in (404, 405):
        return RemoteError(
            f"There is no OpenAI-compatible server at this URL (status {code}). Did you forget /v1 at its end?"
        )
    if code == 429:
        return RemoteError("The server has too many requests (status 429).", retry_after_s=_retry_after_s(response))
    if code == 503:
        return RemoteError(
            "The server is busy or still loading its model (status 503).", retry_after_s=_retry_after_s(response)
        )
    if code in (400, 413, 422):
        return refusal(f"status {code}", body.decode("utf-8", errors="replace"))
    return RemoteError(f"The server failed (status {code}). Its log says more; start it again if it stays so.")


def _retry_after_s(response: httpx.Response) -> float:
    """How long the server wants to be left alone, told in seconds or as a time by its own clock."""
    value = response.headers.get("retry-after", "")
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = (
                parsedate_to_datetime(value) - parsedate_to_datetime(response.headers.get("date", ""))
            ).total_seconds()
        except (TypeError, ValueError):
            return 0.0
    return 0.0 if math.isnan(seconds) else min(max(seconds, 0.0), MAX_RETRY_AFTER_S)


def _reason(error: httpx.HTTPError, place: str) -> str:
    """What went wrong on the way, and the remedy."""
    if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
        return f"No connection to {place} in time. Check that the server runs and that its host can be reached."
    if isinstance(error, httpx.TimeoutException):
        return f"The server at {place} did not answer in time. It may be busy: try a smaller model or a faster machine."
    if isinstance(error, httpx.ProxyError):
        return f"The proxy refused to connect to {place}. Check the proxy settings in the environment."
    if isinstance(error, httpx.ConnectError):
        return _connect_reason(error, place)
    if isinstance(error, httpx.RemoteProtocolError | httpx.ReadError | httpx.WriteError):
        return f"The server at {place} broke the connection off. Check that it still runs and speaks HTTP."
    return f"The server at {place} can't be spoken with ({type(error).__name__}). Check the URL."


def _connect_reason(error: BaseException, place: str) -> str:
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return (
            f"The certificate of {place} is not trusted. If it is your own, name its authority's file in SSL_CERT_FILE."
        )
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return f"No encrypted connection to {place} can be made. If the server has no TLS, write http://."
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return f"The host of {place} is not known. Check its name."
    return f"Nothing listens at {place}: the connection was refused. Start the server, or check the host and the port."


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__

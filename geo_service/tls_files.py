"""The TLS files of the settings: read and checked before anybody connects."""

from __future__ import annotations

import ssl
from pathlib import Path

from geo_service.settings import Settings
from town_model import InputError


def tls_context(settings: Settings, folder: Path) -> ssl.SSLContext | None:
    """Return the TLS context of the settings; None where they name no certificate.

    Args:
        settings: the settings.
        folder: the workspace, from which paths count.

    Raises:
        InputError: a file cannot be read, or the two do not belong together.
    """
    if not settings.tls_cert:
        return None
    certificate, key = folder / settings.tls_cert, folder / settings.tls_key
    for name, file in (("tls_cert", certificate), ("tls_key", key)):
        try:
            file.read_bytes()
        except OSError as error:
            raise InputError(
                "setting {key}: {file} cannot be read: {reason}",
                key=name, file=file, reason=error.strerror or str(error),
            ) from error  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    try:
        # a key with a passphrase would ask for it at a terminal that a service does not have
        context.load_cert_chain(certificate, key, password=lambda: "")
    except (ssl.SSLError, ValueError, OSError) as error:
        raise InputError(
            "the TLS certificate {certificate} and key {key} cannot be used ({reason}): both must be PEM files that belong together, the key without a passphrase",
            certificate=certificate, key=key, reason=getattr(error, "reason", None) or str(error),
        ) from error  # fmt: skip
    return context

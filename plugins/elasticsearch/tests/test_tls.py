"""A cluster behind TLS, with a certificate authority of one's own."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from windlass.config import Settings
from windlass.errors import Unavailable
from windlass.testing.proxy import Proxy
from windlass.testing.samples import new_experiment
from windlass.uri import Uri
from windlass_elasticsearch.tracking import ElasticsearchTrackingStore


@pytest.fixture
def certificate(tmp_path):
    """A certificate for 127.0.0.1 that is its own authority, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path / "certificate.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    return path


@pytest.fixture
def secured(prefix_uri, certificate):
    """The URI of the prefix through a connection with TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    parts = urlsplit(prefix_uri.text)
    with Proxy(parts.hostname, parts.port, tls=context) as proxy:
        yield Uri.parse(f"elasticsearch+https://127.0.0.1:{proxy.port}{parts.path}")


def test_a_trusted_certificate_is_enough(secured, certificate):
    settings = Settings(elasticsearch_ca_file=str(certificate))
    with ElasticsearchTrackingStore.open(secured, settings) as store:
        made = new_experiment(store)
        assert store.experiments.get(made.experiment_id) == made


def test_a_certificate_of_a_stranger_is_refused_with_what_to_set(secured):
    with pytest.raises(Unavailable, match="certificate is not trusted") as raised:
        ElasticsearchTrackingStore.open(secured, Settings())
    assert "WINDLASS_ELASTICSEARCH_CA_FILE" in (raised.value.hint or "")

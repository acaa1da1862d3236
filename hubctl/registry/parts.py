"""Manifests and configs of one image: what is kept is not asked for, what is asked for is hashed and kept."""

from __future__ import annotations

from hubctl.adapters.http import Reply
from hubctl.images.facts import NoAnswer
from hubctl.registry import oci
from hubctl.registry.answers import Allowance, Unanswered
from hubctl.registry.blobs import Blobs
from hubctl.registry.manifest import LARGEST_PART, Config, Index, Manifest, digest_of, parse_config, parse_manifest
from hubctl.registry.once import Asked
from hubctl.registry.session import Session


class Shelf:
    """What was read in this run of one image, by digest."""

    def __init__(self) -> None:
        self.manifests = Asked[str, Index | Manifest]()
        self.configs = Asked[str, Config]()


class AskedParts:
    """The parts of the image of a session, within one allowance; Unanswered where one cannot be had."""

    def __init__(self, session: Session, shelf: Shelf, blobs: Blobs, allowance: Allowance) -> None:
        self._session = session
        self._shelf = shelf
        self._blobs = blobs
        self._allowance = allowance

    @property
    def host(self) -> str:
        """The registry, for messages."""
        return self._session.at.host

    def tagged(self, tag: str) -> tuple[str, Index | Manifest]:
        """Return what a tag points at now and its digest, always asked."""
        reply = oci.manifest(self._session, tag, self._allowance)
        digest = digest_of(reply.body)
        answer = self._shelf.manifests.once(digest, lambda: self._read(reply, digest))
        if isinstance(answer, NoAnswer):
            raise _unanswered(answer)
        return digest, answer

    def manifest(self, digest: str) -> Index | Manifest:
        """Return the manifest or index of a digest; Unanswered `no-such-tag` where the registry has none."""
        answer = self._shelf.manifests.once(digest, lambda: self._manifest(digest))
        if isinstance(answer, NoAnswer):
            raise _unanswered(answer)
        return answer

    def kept(self, digest: str) -> Index | Manifest | None:
        """Return the manifest or index of a digest as far as nothing has to be asked; None where it has."""
        read = self._shelf.manifests.known(digest)
        if read is None and self._blobs.read(digest, LARGEST_PART) is not None:
            return self.manifest(digest)
        return read

    def config(self, digest: str) -> Config:
        """Return the image config of a digest; Unanswered `unconfirmed` where the registry has lost it."""
        answer = self._shelf.configs.once(digest, lambda: self._config(digest))
        if isinstance(answer, NoAnswer):
            raise _unanswered(answer)
        return answer

    def _manifest(self, digest: str) -> Index | Manifest:
        kept = self._blobs.read(digest, LARGEST_PART)
        if kept is not None:
            return parse_manifest(kept, "", self.host)
        return self._read(oci.manifest(self._session, digest, self._allowance), digest)

    def _read(self, reply: Reply, digest: str) -> Index | Manifest:
        # Kept without the header's type: it can only refuse what the text says, and here it did not.
        read = parse_manifest(reply.body, reply.headers.get("content-type", ""), self.host)
        self._blobs.keep(digest, reply.body)
        return read

    def _config(self, digest: str) -> Config:
        kept = self._blobs.read(digest, LARGEST_PART)
        if kept is not None:
            return parse_config(kept, self.host)
        body = oci.blob(self._session, digest, self._allowance)
        config = parse_config(body, self.host)
        self._blobs.keep(digest, body)
        return config


def _unanswered(answer: NoAnswer) -> Unanswered:
    return Unanswered(answer.why, code=answer.code)

"""What is learned of whom, when, and what is taken back."""

from __future__ import annotations

from collections.abc import Mapping

from engine.identity.config import MemoryConfig
from engine.identity.crowd import LIKELY, Crowd
from engine.identity.member import Sample
from engine.identity.memory import Gallery, usable
from engine.people import Appearance

#: Belief below which somebody has not been on a track since it was last in doubt.
MISTAKEN = 0.05
#: Least score of a face that teaches.
LEAST_FACE = 0.7


class Schooling:
    """Writes to the galleries only what is sure, clean and calm, and remembers which track taught it."""

    def __init__(self, config: MemoryConfig, bodies: Gallery, faces: Gallery) -> None:
        self._config = config
        self._bodies, self._faces = bodies, faces
        self._taught: dict[tuple[int, int], set[int]] = {}

    def learn(self, crowd: Crowd, looks: Mapping[int, Appearance], now_s: float) -> None:
        """Every look at somebody who is surely that person; after a claim, what follows it as well."""
        config = self._config
        for track, look in looks.items():
            person, stretch = crowd.likeliest(track), crowd.stretches[track]
            if person is None:
                continue
            sure = float(crowd.belief[crowd.row(person.id), crowd.column(track)])
            known = min(self._bodies.count(person.id) / config.bodies, 1.0)
            needed = config.sure + (config.sure_later - config.sure) * known
            chosen = now_s - person.claimed_s <= config.enrol_s
            calm = now_s - stretch.doubt_s > config.calm_s
            if (sure >= needed and calm) or (chosen and sure >= LIKELY):
                self.teach(person.id, (track, stretch.episode), look, now_s, config.spacing_s)

    def teach(
        self, person: int, episode: tuple[int, int], look: Appearance, now_s: float, spacing_s: float
    ) -> None:
        """That look is that person's, if it is good enough and the last one ``spacing_s`` old."""
        face_quality = look.face_quality if look.face_score > LEAST_FACE else 0.0
        pairs = ((self._bodies, look.body, look.body_quality), (self._faces, look.face, face_quality))
        for gallery, vector, quality in pairs:
            if vector is None or not quality >= self._config.quality or not usable(vector):
                continue
            if now_s - gallery.newest_s(person) >= spacing_s:
                gallery.add(person, Sample(vector, float(quality)), episode, now_s)
                self._taught.setdefault(episode, set()).add(person)

    def unlearn(self, crowd: Crowd) -> None:
        """A track that is somebody else, though nothing can have exchanged it, was so all along."""
        current = {(t, stretch.episode) for t, stretch in crowd.stretches.items()}
        self._taught = {e: people for e, people in self._taught.items() if e in current}
        for episode, people in self._taught.items():
            column = crowd.column(episode[0])
            for row, person in enumerate(crowd.people):
                if person.id in people and crowd.belief[row, column] < MISTAKEN:
                    self._bodies.unlearn(person.id, episode)
                    self._faces.unlearn(person.id, episode)
                    people.discard(person.id)

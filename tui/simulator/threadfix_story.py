"""The story of uploaded scans: a queue that is worked off a few at a time, through ThreadFix's pipeline.

All times are story seconds; everything is worked out from the seed, the scan's place and the moment. Knows no wire.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tui.simulator import names
from tui.simulator.chance import Draw
from tui.simulator.scenarios import Scenario

TEXTS = {
    "QUEUED": "Queued",
    "UPLOADED": "Uploaded",
    "FINDINGS_GENERATING": "Generating Findings",
    "CHANNEL_MERGING": "Merging Channel Findings",
    "APPLICATION_MERGING": "Merging Application Findings",
    "APPLICATION_MERGED": "Merging Application Findings Completed",
    "LINKING_DEFECTS": "Linking Defects.",
    "DONE": "Scan Processing Completed. Statistics Update Queued.",
    "FINISHED_FINDING_PULLING": "Findings Import From Server Finished.",
    "SCAN_INTERRUPTED": "Scan processing was interrupted",
    "SCAN_QUEUED_FOR_DELETE": "Scan queued to be deleted.",
    "SCAN_DELETED": "Scan Deleted.",
}
# What the server's own list of import failures says (OSS ScanImportStatus).
FAILURES = (
    "Scan file is in the wrong format.",
    "A newer scan from this scanner has been uploaded.",
    "The XML was not well-formed and could not be parsed.",
    "The scan file contained 0 results.",
)
# Each place of the watch list is uploaded again and again: it waits, goes through the pipeline (113 s at most), rests.
SHORTEST_S, LONGEST_S = 230.0, 3600.0
EVERY_S = 15.0  # between two uploads where there are few
WAIT_S = (10.0, 70.0)
FIRST_ID = 101
SAMPLE = (6, 41)  # application and pending scan of the vendor's example


@dataclass(frozen=True, slots=True)
class Upload:
    """One pending scan, whoever uploaded it. `start_s` is when the pipeline takes it up."""

    id: int
    application: int
    file: str
    kind: str  # upload, delete, remote
    fate: str  # done, failed, interrupted, stuck
    uploaded_s: float
    start_s: float


@dataclass(frozen=True, slots=True)
class UploadView:
    """One pending scan at a moment."""

    upload: Upload
    status: str
    at_s: float
    error: str | None
    scan_id: int | None


@dataclass(slots=True)
class UploadStory:
    """The pending scans of one seed and scenario, and those that were uploaded meanwhile."""

    seed: int
    scenario: Scenario
    count: int
    _made: dict[int, Upload] = field(default_factory=dict)

    @property
    def applications(self) -> int:
        """How many applications there are, numbered from 1; number 6 is always there for the vendor's example."""
        return max(6, self.count // 3)

    @property
    def round_s(self) -> float:
        """From one upload of a place to its next."""
        return min(LONGEST_S, max(SHORTEST_S, self.count * EVERY_S))

    def application_of(self, scan: int) -> int:
        """The application of a scan that the story brought."""
        return 1 + (scan - FIRST_ID) % self.applications

    def application_name(self, application: int) -> str:
        """An application's name."""
        return names.service(self.seed, application)

    def find(self, application: int, scan: int, t: float) -> Upload | None:
        """That pending scan as it is at `t`, None if the application has none of that number."""
        made = self._made.get(scan)
        if made is not None:
            return made if made.application == application else None
        place = scan - FIRST_ID
        if not 0 <= place < self.count or self.application_of(scan) != application:
            return None
        return self._brought(place, t)

    def upload(self, application: int, files: list[str], t: float, *, kind: str = "upload") -> Upload:
        """Take in a new scan: it waits a little and then goes through the pipeline."""
        number = FIRST_ID + self.count + len(self._made)
        draw = Draw(self.seed, "made", number)
        is_bad = any(name.lower().endswith((".exe", ".bad")) for name in files)
        start_s = t + draw.between(3, 8)
        made = Upload(number, application, ",".join(files), kind, "failed" if is_bad else "done", t, start_s)
        self._made[number] = made
        return made

    def ids(self) -> range:
        """The ids of all pending scans, of the story and made."""
        return range(FIRST_ID, FIRST_ID + self.count + len(self._made))

    def watched(self) -> list[tuple[int, int]]:
        """Application and pending scan of everything that the watch list names."""
        return [(self.application_of(FIRST_ID + place), FIRST_ID + place) for place in range(self.count)]

    def _brought(self, place: int, t: float) -> Upload:
        base = Draw(self.seed, "upload", place)
        wait_s = base.between(*WAIT_S) if self.round_s <= SHORTEST_S else base.between(WAIT_S[0], self.round_s / 2)
        # Evenly spread, so that the pipeline is never empty; the last places are in it when the story starts.
        first_s = place * self.round_s / self.count - self.round_s - wait_s
        round_ = max(0, int((t - first_s) // self.round_s))
        draw = Draw(self.seed, "upload", place, round_)
        kinds, fates = self._planned()
        trouble = self.scenario.trouble * 0.6
        drawn_kind = draw.weighted((("upload", 0.9), ("delete", 0.04), ("remote", 0.06)))
        drawn_fate = draw.weighted(
            (
                ("done", 1 - trouble - self.scenario.stuck),
                ("failed", trouble * 0.7),
                ("interrupted", trouble * 0.3),
                ("stuck", self.scenario.stuck),
            )
        )
        uploaded_s = first_s + round_ * self.round_s
        scan = FIRST_ID + place
        name = self.application_name(self.application_of(scan))
        return Upload(
            id=scan,
            application=self.application_of(scan),
            file=f"{name}-{draw.whole(1, 9)}.{draw.whole(0, 30)}.{draw.one_of(names.SCAN_SUFFIXES)}",
            kind=kinds.get(place, drawn_kind),
            fate=fates.get(place, drawn_fate),
            uploaded_s=uploaded_s,
            start_s=uploaded_s + wait_s,
        )

    def _planned(self) -> tuple[dict[int, str], dict[int, str]]:
        """What some places always do, so that every story shows it soon: their kinds, their fates."""
        last = self.count - 1
        kinds = {0: "delete", 1: "remote", last: "upload", last - 1: "upload", 2: "upload"}
        return kinds, {last: "failed", last - 1: "interrupted", 2: "done", 1: "done"}

    def view(self, upload: Upload, t: float) -> UploadView:
        """How that scan stands at `t`."""
        steps = self.steps(upload)
        status, at_s, error = "QUEUED", upload.uploaded_s, None
        for word, begins_s, failure in steps:
            if t < begins_s:
                break
            status, at_s, error = word, begins_s, failure
        scan_id = 1000 + upload.id if status == "DONE" else None
        return UploadView(upload, status, at_s, error, scan_id)

    def steps(self, upload: Upload) -> list[tuple[str, float, str | None]]:
        """The whole way of one scan: status, when it begins, the error that comes with it."""
        draw = Draw(self.seed, "steps", upload.id, int(upload.start_s))
        at_s = upload.start_s
        if upload.kind == "delete":
            return [
                ("SCAN_QUEUED_FOR_DELETE", upload.uploaded_s, None),
                ("SCAN_DELETED", at_s + draw.between(20, 60), None),
            ]
        pipeline = ["UPLOADED", "FINDINGS_GENERATING", "CHANNEL_MERGING", "APPLICATION_MERGING", "APPLICATION_MERGED"]
        lengths_s = [
            draw.between(3, 8),
            draw.between(15, 40),
            draw.between(10, 25),
            draw.between(8, 20),
            draw.between(2, 5),
        ]
        if upload.kind == "remote":
            pipeline[0] = "FINISHED_FINDING_PULLING"
        if draw.is_one_in(0.4):
            pipeline.append("LINKING_DEFECTS")
            lengths_s.append(draw.between(5, 15))
        breaks_at = draw.whole(1, 3)
        steps: list[tuple[str, float, str | None]] = []
        for place, (word, length_s) in enumerate(zip(pipeline, lengths_s, strict=True)):
            steps.append((word, at_s, None))
            at_s += length_s
            if place == breaks_at and upload.fate == "failed":
                return [*steps, (word, at_s, draw.one_of(FAILURES))]
            if place == breaks_at and upload.fate == "interrupted":
                return [*steps, ("SCAN_INTERRUPTED", at_s, None)]
            if place == breaks_at and upload.fate == "stuck":
                return steps
        return [*steps, ("DONE", at_s, None)]

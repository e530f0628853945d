"""Versions: every render of a mix, with its recall sheet, its report and what was said of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from burnish.apps.jobs import JobRecord
from burnish.apps.studio.asked import master_settings
from burnish.apps.studio.kinds import MASTER, REPORT, SHEET, plan_of
from burnish.apps.studio.problems import not_there
from burnish.apps.studio.store.models import Upload, Version
from burnish.apps.studio.store.plain import plain_text
from burnish.apps.studio.store.versions import add_version, forget_version
from burnish.apps.studio.told import Row, comment_told, version_told
from burnish.chain import Plan, Step
from burnish.chain.recall import dump, loads
from burnish.errors import SettingError
from burnish.settings import Settings

if TYPE_CHECKING:
    from burnish.apps.studio.house import House


class Renders:
    """What is asked of versions."""

    def __init__(self, house: "House") -> None:
        self._house = house

    def versions(self, project: str) -> list[Row]:
        """All of them, the oldest first."""
        with self._house.store.reading() as session:
            versions = self._house.project(session, project).versions
            return [version_told(one) for one in versions if one.number > 0]

    def shown(self, project: str, version: str) -> Row:
        """All of one."""
        with self._house.store.reading() as session:
            found = self.of(session, project, version)
            comments = [comment_told(one) for one in found.comments]
            return {**version_told(found, whole=True), "comments": comments}

    def render(
        self,
        project: str,
        upload: str,
        settings: Mapping[str, Any] | None = None,
        plan: Mapping[str, Any] | None = None,
        sheet: str | None = None,
        parent: str | None = None,
        note: str = "",
        draft: bool = False,
    ) -> Row:
        """A job that makes one; once it is done, it tells the version's id.

        What there is a ``draft`` of already is not made again.
        """
        if sum(one is not None for one in (settings, plan, sheet)) != 1:
            raise SettingError(
                "setting-missing", "settings: must be given, or a plan, or a sheet; one of them"
            )
        house = self._house
        with house.store.reading() as session:
            mix = house.mixes.of(session, project, upload)
            if mix.kind == "artwork":
                raise SettingError("input-unreadable", f"upload {mix.name}: is no mix")
            if parent is not None:
                self.of(session, project, parent)
            sha256 = mix.holding.sha256

            def found(number: str) -> Path:
                return house.store.shelf.path(house.listening.sha256_of(session, project, number))

            asked = master_settings(settings or {}, found)
        house.refuse_unread(sha256)
        of: Row = {"of": upload, "parent": parent, "note": plain_text(note, "note")}
        if settings is not None:
            of |= {"asked": asked, "settings": dict(settings)}
        else:
            edited = loads(sheet) if sheet is not None else plan_of(plan)
            of["plan"] = plan_of(edited.model_dump(mode="json")).model_dump(mode="json")
        what = "master" if settings is not None else "render"
        inputs = [house.store.shelf.path(sha256)]
        if draft:
            return house.drafts.begin(project, what, inputs, of)
        kept = house.drafts.keep(project, of)
        return kept or {"job": house.submit(project, what, inputs, of).id}

    def complete(self, record: JobRecord) -> Callable[[Session], None]:
        """Keep the files that a job made; what is given then writes down the version."""
        house, told = self._house, record.job.settings
        work = house.store.work_folder(record.id)
        result = None if record.outcome is None else record.outcome.result
        made = next(work.glob(f"{MASTER}.[wfa]*"), None)
        if made is None or not isinstance(result, dict):
            return lambda session: None
        plan = loads((work / SHEET).read_text(encoding="utf-8"))
        kept, report = house.store.shelf.adopt(made), house.store.shelf.adopt(work / REPORT)
        ending = made.suffix
        for one in (made, work / REPORT, work / SHEET):
            one.unlink(missing_ok=True)
        house.put_sound(record.id, kept.sha256)

        def write(session: Session) -> None:
            upload = session.get(Upload, str(told["of"]))
            if upload is None:
                return
            parent = told.get("parent")
            if parent is not None and session.get(Version, str(parent)) is None:
                parent = None
            named = plan.with_(input=plan.input.with_(file=upload.name))
            house.drafts.leave_last(session, upload.project_id)
            draft = told.get("draft")
            place = "draft" if draft else self._next(session, upload.project_id)
            title = f"{Path(upload.name).stem} {place}"
            add_version(
                session,
                upload.project_id,
                kept,
                title + ending,
                house.store.quotas,
                upload_id=upload.id,
                parent_id=None if parent is None else str(parent),
                job_id=record.id,
                report=report,
                settings={
                    "asked": told.get("settings"),
                    "edited": "plan" in told,
                    "plan": named.model_dump(mode="json"),
                    **({"draft": draft} if draft else {}),
                },
                recall=dump(named),
                measured=result,
                name=title,
                note=str(told.get("note", "")),
                draft=bool(draft),
            )

        return write

    def warm(self, record: JobRecord) -> None:
        """Make ready to hear its plan while it is changed."""
        with self._house.store.reading() as session:
            found = session.scalar(select(Version).where(Version.job_id == record.id))
            if found is None or found.upload_id is None or found.number < 0:
                return
            project, upload, plan = found.project_id, found.upload_id, _plan(found)
            version = found.id
        self._house.listening.warm(project, upload, plan.steps)
        self._house.listening.behind(self._house.sketches.warm, project, version)

    def of_job(self, session: Session, job: str) -> str | None:
        """The version that a job made."""
        return session.scalar(select(Version.id).where(Version.job_id == job))

    @staticmethod
    def _next(session: Session, project: str) -> int:
        last = session.scalar(select(func.max(Version.number)).where(Version.project_id == project))
        return max(last or 0, 0) + 1

    def note(self, project: str, version: str, note: str) -> Row:
        """Write a note on it."""
        with self._house.store.writing() as session:
            found = self.of(session, project, version)
            found.note = plain_text(note, "note")
            session.flush()
            return version_told(found)

    def delete(self, project: str, version: str) -> None:
        """Away with it."""
        with self._house.store.writing() as session:
            self.of(session, project, version)
            forget_version(session, version)
        self._house.tidy()

    def sheet(self, project: str, version: str) -> tuple[str, str]:
        """Its name, and the recall sheet."""
        with self._house.store.reading() as session:
            found = self.of(session, project, version)
            return found.name, found.recall

    def master(self, project: str, version: str) -> tuple[str, Path]:
        """Its name, and where the master lies."""
        with self._house.store.reading() as session:
            found = self.of(session, project, version)
            ending = Path(found.holding.name).suffix
            return found.name + ending, self._house.store.shelf.path(found.holding.sha256)

    def report(self, project: str, version: str) -> bytes:
        """The report's page."""
        with self._house.store.reading() as session:
            found = self.of(session, project, version)
            if found.report is None:
                raise not_there("report", version)
            sha256 = found.report.sha256
        with self._house.store.shelf.open(sha256) as file:
            return file.read()

    def compared(self, project: str, a: str, b: str) -> Row:
        """What differs between two."""
        with self._house.store.reading() as session:
            one, other = self.of(session, project, a), self.of(session, project, b)
            plans = [_plan(version) for version in (one, other)]
            return {
                "a": version_told(one),
                "b": version_told(other),
                "settings": _differing(*(v.settings.get("asked") or {} for v in (one, other))),
                "target": _differing(*(plan.target for plan in plans)),
                "steps": _steps(*plans),
                "after": _differing(*(_flat(v.measured.get("after") or {}) for v in (one, other))),
            }

    def of(self, session: Session, project: str, version: str) -> Version:
        """The version, where it is that project's."""
        found: Version | None = session.get(Version, version)
        if found is None or found.project_id != project:
            raise not_there("version", version)
        return found


def _plan(version: Version) -> Plan:
    return loads(version.recall)


def _differing(a: Mapping[str, Any], b: Mapping[str, Any]) -> Row:
    names = dict.fromkeys((*a, *b))
    return {k: {"a": a.get(k), "b": b.get(k)} for k in names if a.get(k) != b.get(k)}


def _flat(values: Mapping[str, Any], before: str = "") -> Row:
    """Numbers of a measurement by their full names."""
    found: Row = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            found |= _flat(value, f"{before}{name}.")
        elif isinstance(value, int | float) or value is None:
            found[before + name] = value
    return found


def _steps(a: Plan, b: Plan) -> list[Row]:
    """Steps that are not the same in both, in their order."""
    pairs = [[one and _told(one) for one in pair] for pair in _paired(a.steps, b.steps)]
    return [
        {"place": k, "a": one, "b": other} for k, (one, other) in enumerate(pairs) if one != other
    ]


def _paired(a: Sequence[Step], b: Sequence[Step]) -> Iterator[tuple[Step | None, Step | None]]:
    """Steps of two plans side by side, processor by processor; None where only one has it."""
    ours, theirs = ([one.processor for one in steps] for steps in (a, b))
    for alike, a0, a1, b0, b1 in SequenceMatcher(None, ours, theirs, False).get_opcodes():
        if alike == "equal":
            yield from zip(a[a0:a1], b[b0:b1], strict=True)
        else:
            yield from ((one, None) for one in a[a0:a1])
            yield from ((None, other) for other in b[b0:b1])


def _told(step: Settings) -> Row:
    values = step.model_dump(mode="json")
    return {name: values[name] for name in ("processor", "on", "bypass", "settings")}

"""The checks of `mailflow doctor`: each says what it found, why it matters, and what to do."""

import io
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from PIL import Image, ImageDraw, ImageFont

from mailflow.edges.checkup import (
    CameBack,
    look_at_mailbox,
    mail_to_ourselves,
    wait_for,
    web_clock,
)
from mailflow.edges.clock import SystemClock
from mailflow.edges.disk import free_bytes
from mailflow.edges.mail_parser import InProcessParser
from mailflow.edges.outbox_smtp import SmtpOutbox
from mailflow.edges.picture_worker import WorkerPictureReader
from mailflow.edges.platforms.http_exchange import Refused
from mailflow.edges.platforms.http_json import HttpJsonPlatform
from mailflow.settings.loading import missing_files
from mailflow.settings.root import Settings
from mailflow.store.migrate import is_current
from mailflow.store.unit_of_work import SqlMemory
from mailflow.tickets.errors import GiveUp, MailflowError, TryAgainLater
from mailflow.tickets.ticket import Job, Kind
from mailflow.understanding.meaning import Authenticity
from mailflow.understanding.sender import authenticate
from mailflow.wiring import BadFiles, border_of, changeable, database_url, token_source
from mailflow.wiring.operating import database_folder
from mailflow.workflow.ports import OutcomeUnknown

_COME_BACK_SECONDS = 120
_MADE_UP_JOB = "mailflow-doctor-no-such-job"
_NO_RIGHTS = frozenset({401, 403})
_UNKNOWN_JOB = frozenset({404, 410})
_SHOWN = "SUCCEEDED 2026"
_UNHEARD = "Retailers and staff would hear nothing."
_CHECK_OUTBOX = "Check [outbox]: host, port, security, user and the password's file."


class Grade(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check found."""

    check: str
    grade: Grade
    what: str
    why: str = ""
    todo: str = ""

    def as_json(self) -> dict[str, str]:
        return {key: str(value) for key, value in asdict(self).items()}


def _ok(check: str, what: str) -> Finding:
    return Finding(check=check, grade=Grade.OK, what=what)


def _fault(check: str, what: str, why: str, todo: str) -> Finding:
    return Finding(check=check, grade=Grade.FAULT, what=what, why=why, todo=todo)


def _warning(check: str, what: str, why: str, todo: str) -> Finding:
    return Finding(check=check, grade=Grade.WARNING, what=what, why=why, todo=todo)


def examine(settings: Settings, *, send_mail: bool) -> Iterator[Finding]:
    """Look at everything mailflow stands on. Nothing is stopped, moved or changed."""
    checks: list[Callable[[], Iterator[Finding]]] = [
        lambda: _files(settings),
        lambda: _database(settings),
        lambda: _disk(settings),
        lambda: _mailbox(settings),
        lambda: _tokens(settings),
        lambda: _ocr(settings),
        *(_platform_check(settings, name) for name in settings.platforms),
    ]
    checks.append(lambda: _test_mail(settings) if send_mail else _outbox(settings))
    for check in checks:
        yield from check()


def _files(settings: Settings) -> Iterator[Finding]:
    faults = [str(fault) for fault in missing_files(settings)]
    try:
        parts = changeable(settings)
    except BadFiles as bad:
        faults += bad.faults
    except MailflowError as bad:
        faults.append(str(bad))
    else:
        yield _ok("files", f"{len(parts.packs.packs)} rule packs and all templates are sound")
    for fault in faults:
        yield _fault("files", fault, "mailflow does not start with it.", "Correct the file named.")


def _database(settings: Settings) -> Iterator[Finding]:
    why = "Tickets, mails and orders live there."
    try:
        current = is_current(database_url(settings))
    except Exception as broken:  # noqa: BLE001 - whatever the driver says is the finding
        todo = "Look at [database] in the settings, and whether the server runs."
        yield _fault("database", f"{type(broken).__name__}: {broken}", why, todo)
        return
    if not current:
        todo = "Run: mailflow db upgrade (a start of mailflow does it too)."
        yield _warning("database", "its schema is not up to date, or it is new", why, todo)
        return
    memory = SqlMemory(database_url(settings))
    try:
        with memory.read() as uow:
            figures = uow.figures()
    finally:
        memory.close()
    yield _ok("database", f"up to date, {figures.open_tickets} open ticket(s)")


def _disk(settings: Settings) -> Iterator[Finding]:
    folder = database_folder(settings)
    free = free_bytes(folder)
    if free is None:
        todo = f"Create {folder} and let mailflow's user write there."
        yield _fault("disk", f"{folder} cannot be looked at", "The database is there.", todo)
    elif free < settings.alarms.disk_free_mb * 1_000_000:
        why = "On a full disk mails stay on the server and no job is stopped."
        yield _fault("disk", f"{free / 1e6:.0f} MB free at {folder}", why, "Make room.")
    else:
        yield _ok("disk", f"{free / 1e9:.1f} GB free at {folder}")


def _mailbox(settings: Settings) -> Iterator[Finding]:
    where = f"{settings.inbox.host}:{settings.inbox.port}"
    try:
        look = look_at_mailbox(settings.inbox, token_source(settings))
    except MailflowError as trouble:
        why = "Without the mailbox no alert is seen."
        todo = "Check [inbox]: host, port, security, user, the password's file and folder."
        yield _fault("mailbox", f"{where}: {trouble}", why, todo)
        return
    yield _ok("mailbox", f"logged in at {where}")
    if not look.idle:
        why = f"Alerts are seen at the next look, every {settings.inbox.poll_seconds} s."
        yield _warning(
            "mailbox", "it has no IDLE", why, "Lower inbox.poll_seconds if that is late."
        )
    if not look.moves:
        why = "Kept mails are marked and stay in the folder."
        todo = "Nothing, or set inbox.after_handling = 'flag'."
        yield _warning("mailbox", "it has neither MOVE nor UIDPLUS", why, todo)
    if look.sent_folder:
        yield _ok("mailbox", f"copies of sent mails are in {look.sent_folder!r}")
    else:
        why = "The Sent folder is the witness of what has left."
        todo = "Create one and name it in inbox.sent_folder."
        yield _warning("mailbox", "it has no Sent folder", why, todo)


def _tokens(settings: Settings) -> Iterator[Finding]:
    """Ask for a token, and say by when a person must renew what it is asked for with."""
    source = token_source(settings)
    if source is None:
        return
    why = "Without a token mails are neither read nor sent."
    try:
        source.token()
    except MailflowError as trouble:
        todo = "Check [oauth2], and the application's rights at the provider."
        yield _fault("token", str(trouble), why, todo)
        return
    ends = source.state.expires_at
    if ends is None:
        todo = "Set oauth2.renew_by, and an alarm comes in time."
        yield _warning("token", "granted; when its secret ends is not known", why, todo)
        return
    left = (ends - SystemClock().now()).days
    if left < settings.alarms.token_days:
        yield _fault("token", f"its secret ends in {left} day(s)", why, "Renew it now.")
    else:
        yield _ok("token", f"granted; its secret ends in {left} days")


def _outbox(settings: Settings) -> Iterator[Finding]:
    """Log in where mails go out, without sending one."""
    where = f"{settings.outbox.host}:{settings.outbox.port}"
    outbox = SmtpOutbox(settings.outbox, settings.inbox, token_source(settings))
    try:
        outbox.check()
    except MailflowError as trouble:
        yield _fault("outbox", str(trouble), _UNHEARD, _CHECK_OUTBOX)
    else:
        yield _ok("outbox", f"logged in at {where}")
    finally:
        outbox.close()


def _test_mail(settings: Settings) -> Iterator[Finding]:
    now = SystemClock().now()
    mail = mail_to_ourselves(settings.inbox.address, now)
    tokens = token_source(settings)
    outbox = SmtpOutbox(settings.outbox, settings.inbox, tokens)
    try:
        outbox.send(mail)
        back = wait_for(settings.inbox, mail.message_id, _COME_BACK_SECONDS, tokens)
    except (TryAgainLater, GiveUp, OutcomeUnknown) as trouble:
        yield _fault("test mail", str(trouble), _UNHEARD, _CHECK_OUTBOX)
        return
    finally:
        outbox.close()
    if back is None:
        why = "Mails leave, but what is sent to the mailbox does not arrive."
        todo = "Look into the mail server's log, and into the spam folder."
        yield _fault("test mail", f"not seen within {_COME_BACK_SECONDS} s", why, todo)
        return
    yield _ok("test mail", f"came back {back.seconds:.1f} s after it was sent")
    yield _verdict(settings, back)
    yield _clock("the mail server", back.arrived_at, settings)


def _verdict(settings: Settings, back: CameBack) -> Finding:
    """Say whether our own border vouches for us: it is what every answer is believed by."""
    verdict = authenticate(InProcessParser().parse(back.raw), border_of(settings))
    if verdict.authenticity is Authenticity.PASS:
        return _ok("authentication", f"the border vouches for us: {verdict.because}")
    why = "No alert and no answer is believed that the border server does not vouch for."
    todo = (
        "Set [authentication]: authserv_id as in the Authentication-Results header of a mail "
        "that came from outside. A mail that never left the server may carry none."
    )
    return _warning("authentication", f"{verdict.authenticity}: {verdict.because}", why, todo)


def _clock(of: str, theirs: datetime, settings: Settings) -> Finding:
    skew = (SystemClock().now() - theirs).total_seconds()
    if abs(skew) <= settings.policy.clock_skew_seconds:
        return _ok("clock", f"{abs(skew):.0f} s apart from {of}")
    why = "Times of runs and failures are compared: a wrong clock refuses good proof."
    return _fault("clock", f"{skew:+.0f} s apart from {of}", why, "Run: timedatectl set-ntp true")


def _ocr(settings: Settings) -> Iterator[Finding]:
    reader = WorkerPictureReader(settings.limits)
    try:
        reading = reader.read(_picture())
    except MailflowError as trouble:
        why = "Screenshots are not read; each goes to a person."
        todo = "Look at [limits] picture_memory_mb, and install mailflow anew."
        yield _fault("ocr", str(trouble), why, todo)
        return
    finally:
        reader.close()
    seen = " ".join(words.text for words in reading.words)
    if all(word in seen for word in _SHOWN.split()):
        yield _ok("ocr", f"read {seen!r} from a picture")
    else:
        why = "Screenshots would be misread."
        yield _fault("ocr", f"read {seen!r} for {_SHOWN!r}", why, "Install mailflow anew.")


def _picture() -> bytes:
    picture = Image.new("RGB", (640, 200), "white")
    font = ImageFont.load_default(size=48)
    ImageDraw.Draw(picture).text((40, 60), _SHOWN, fill="black", font=font)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _platform_check(settings: Settings, name: str) -> Callable[[], Iterator[Finding]]:
    return lambda: _platform(settings, name)


def _platform(settings: Settings, name: str) -> Iterator[Finding]:
    """Read the state of a job; of one that does not exist when none is known. Never an act."""
    check = f"platform {name}"
    why = "A failing job that cannot be reached cannot be stopped."
    each = settings.platforms[name]
    platform = HttpJsonPlatform(name, each)
    job = _a_job(settings, name)
    try:
        state = platform.state_of(job)
        yield _ok(check, f"{job.id} is {state}")
    except Refused as refused:
        if refused.status in _NO_RIGHTS:
            todo = f"Check [platforms.{name}.auth] and the rights of that login."
            yield _fault(check, refused.reason, why, todo)
        elif job.id == _MADE_UP_JOB and refused.status in _UNKNOWN_JOB:
            yield _ok(check, "it answers, and does not know a made-up job")
        else:
            todo = f"Compare [platforms.{name}.state] with the platform's documentation."
            yield _warning(check, refused.reason, why, todo)
    except TryAgainLater as trouble:
        todo = f"Check platforms.{name}.base_url, and the way there."
        yield _fault(check, trouble.reason, why, todo)
    except GiveUp as trouble:
        todo = f"Compare [platforms.{name}.state] with the platform's answer."
        yield _warning(check, trouble.reason, why, todo)
    finally:
        platform.close()
    try:
        theirs = web_clock(each.base_url)
    except TryAgainLater:
        return  # said above
    if theirs is not None:
        yield _clock(name, theirs, settings)


def _a_job(settings: Settings, platform: str) -> Job:
    try:
        memory = SqlMemory(database_url(settings))
        try:
            with memory.read() as uow:
                known = [t.job for t in uow.tickets.listed(limit=50) if t.job.platform == platform]
        finally:
            memory.close()
    except Exception:  # noqa: BLE001 - the check of the database tells it
        known = []
    made_up = Job(
        id=_MADE_UP_JOB,
        name="",
        retailer="mailflow-doctor",
        marketplace="mailflow-doctor",
        kind=Kind.SYNC,
        platform=platform,
    )
    return known[0] if known else made_up

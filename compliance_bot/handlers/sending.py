"""Send a message to Studio: it becomes a comment on the finding whose thread it stands in.

Elsewhere a form asks for the finding. What is to be written is read from the message once, as plain words.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from compliance_bot.cases.moment import Moment
from compliance_bot.handlers.acknowledging import Ack
from compliance_bot.handlers.dispatch import Dispatcher
from compliance_bot.handlers.form_spec import FormSpec, Mistakes, Opening, Submission, Taken
from compliance_bot.handlers.forms import Forms
from compliance_bot.handlers.incoming import Incoming, Kind
from compliance_bot.handlers.manifest import SEND_TO_STUDIO
from compliance_bot.handlers.recording import Unrecorded, Unsettled, once_settled
from compliance_bot.handlers.replies import Replies
from compliance_bot.insight.why import may_tell
from compliance_bot.messages import form_words, sending, wording
from compliance_bot.messages.modal import MOST_OPTIONS, Modal
from compliance_bot.messages.mrkdwn import truncate
from compliance_bot.messages.plain_words import as_plain
from compliance_bot.model.cases import Case
from compliance_bot.model.slack import Person
from compliance_bot.store import cases, inbox, objects, told
from compliance_bot.store.database import Database
from compliance_bot.store.transaction import Transaction

_REFERENCE = re.compile(r"CB-[0-9A-HJKMNP-TV-Z]{4,10}", re.IGNORECASE)
_REMEMBERED = 200
"""Messages whose form may be opening at one time."""

Known: TypeAlias = Callable[[str], Person | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is to be written into Studio: the words, who wrote them, and where they stand."""

    words: str
    author: str
    permalink: str | None

    def form(self) -> dict[str, Any]:
        """As the decider reads it."""
        return {"words": self.words, "author": self.author, "permalink": self.permalink}


class SendToStudio:
    """Listens for the shortcut; ``forms`` opens what ``spec`` describes."""

    def __init__(
        self, *, database: Database, moment: Callable[[], Moment], replies: Replies, known: Known
    ) -> None:
        self._database = database
        self._moment = moment
        self._replies = replies
        self._known = known
        self._forms: Forms | None = None
        self._pending: OrderedDict[tuple[str, str | None, str | None], Message] = OrderedDict()

    def attach(self, dispatcher: Dispatcher, forms: Forms) -> None:
        """Register with the dispatcher; ``forms`` holds ``spec``."""
        self._forms = forms
        dispatcher.on(Kind.SHORTCUT, SEND_TO_STUDIO, self.sent)

    def spec(self) -> FormSpec:
        """The form that asks which finding it is."""
        return FormSpec(
            callback_id=sending.SEND_FORM,
            title="Send to Studio",
            rights=("comment",),
            fill=self._fill,
            kind=SEND_TO_STUDIO,
            read=read_sending,
        )

    async def sent(self, incoming: Incoming, ack: Ack) -> None:
        """Record what is sent from a finding's thread, then ack it; else ack, and ask for the finding."""
        message = self._message(incoming)
        if not message.words:
            await ack()
            await self._tell(incoming, sending.nothing_written())
            return
        found = await once_settled(
            self._database, SEND_TO_STUDIO, lambda tx: self._receive(tx, incoming, message)
        )
        await ack()
        if isinstance(found, Unrecorded):
            await self._tell(incoming, wording.not_recorded())
        elif found is not True:
            self._ask(incoming, message)

    def _receive(self, tx: Transaction, incoming: Incoming, message: Message) -> bool | Unsettled:
        """Write the row of a message that stands under a finding's; False where it doesn't."""
        root = incoming.thread or incoming.message_ts
        post = cases.post_at(tx, incoming.channel or "", root or "")
        if post is None:
            return Unsettled() if told.is_being_sent(tx, incoming.channel or "") else False
        inbox.receive(
            tx,
            key=incoming.key,
            kind=SEND_TO_STUDIO,
            person=incoming.person,
            channel=incoming.channel,
            body={
                "value": cases.find(tx, post.case_id).ref,
                "message_ts": root,
                "thread": incoming.thread,
                "response_url": incoming.response_url,
                "form": message.form(),
            },
            now=self._moment().now,
        )
        return True

    def _message(self, incoming: Incoming) -> Message:
        told: Mapping[str, Any] = incoming.payload.get("message") or {}
        known = self._known(str(told.get("user")))
        profile: Mapping[str, Any] = told.get("bot_profile") or {}
        plain = as_plain(incoming.text or "", self._name_of)
        names = (known and known.name, profile.get("name"), told.get("username"), told.get("user"))
        return Message(
            words=truncate(plain, form_words.LONGEST_REASON, markup=False),
            author=next((str(name) for name in names if name), "somebody"),
            permalink=self._permalink(incoming),
        )

    def _name_of(self, person_id: str) -> str | None:
        known = self._known(person_id)
        return None if known is None else known.name

    def _permalink(self, incoming: Incoming) -> str | None:
        channel, ts = incoming.channel or "", incoming.message_ts or ""
        link = self._moment().permalink(channel, ts) if channel and ts else None
        in_thread = link is not None and incoming.thread not in (None, ts)
        return f"{link}?thread_ts={incoming.thread}&cid={channel}" if in_thread else link

    # ------------------------------------------------------------ asking for the finding

    def _ask(self, incoming: Incoming, message: Message) -> None:
        self._pending[incoming.person or "", incoming.channel, incoming.message_ts] = message
        while len(self._pending) > _REMEMBERED:
            self._pending.popitem(last=False)
        if self._forms is not None:
            self._forms.open(self.spec(), incoming, "")

    async def _fill(self, opening: Opening) -> Modal | str:
        message = self._pending.pop((opening.person.id, opening.channel, opening.ts), None)
        if message is None:
            return sending.forgotten()
        return await self._database.read(lambda tx: self._shown(tx, opening, message))

    def _shown(self, tx: Transaction, opening: Opening, message: Message) -> Modal:
        moment = self._moment()
        named = _REFERENCE.search(message.words)
        form = sending.send_form(
            message.author,
            message.words,
            [(case.ref, self._title(tx, moment, opening, case)) for case in cases.living(tx, MOST_OPTIONS)],
            None if named is None else named[0].upper(),
        )
        kept = {"author": message.author, "permalink": message.permalink}
        return Modal(title=form.title, blocks=form.blocks, submit=form.submit, remembers=kept)

    def _title(self, tx: Transaction, moment: Moment, opening: Opening, case: Case) -> str | None:
        """The finding's title, where whoever asks may see it."""
        known = objects.find_by_row(tx, case.object_id)
        allowed = moment.rulebook.rules.studio.projects
        inside = not allowed or known.finding.project_id in allowed
        told = "view" in opening.rights and may_tell(moment, known, cases.posts_of(tx, case), opening.channel)
        return known.finding.title if inside and told else None

    async def _tell(self, incoming: Incoming, text: str) -> None:
        await self._replies.tell(
            person=incoming.person,
            channel=incoming.channel,
            response_url=incoming.response_url,
            body={"text": text},
        )


def read_sending(submission: Submission) -> Taken | Mistakes:
    """Which finding, and the words; one of both ways to name it."""
    picked = str(submission.values.get(sending.PICK) or "")
    typed = str(submission.values.get(sending.REF) or "").strip().upper()
    words = str(submission.values.get(sending.WORDS) or "").strip()
    mistakes = {}
    if typed and not _REFERENCE.fullmatch(typed):
        mistakes[sending.REF] = sending.no_reference(typed)
    elif typed and picked and typed != picked:
        mistakes[sending.REF] = sending.two_findings()
    elif not typed and not picked:
        mistakes[sending.REF] = sending.which_finding()
    if not words:
        mistakes[sending.WORDS] = form_words.words_missing()
    elif len(words) > form_words.LONGEST_REASON:
        mistakes[sending.WORDS] = form_words.too_long(len(words))
    if mistakes:
        return Mistakes(by_field=mistakes)
    author, permalink = submission.remembered.get("author"), submission.remembered.get("permalink")
    form = {"words": words, "author": author, "permalink": permalink}
    return Taken(form=form, ref=typed or picked)

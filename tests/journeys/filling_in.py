"""What people do in modals while the process may die: open until it is filled, send off until it is taken."""

from bot_process import within

AGAIN_AFTER = 8.0
"""Seconds after which somebody presses again whose modal was never filled."""


def open_views(slack, who):
    """The modals that stand open on somebody's screen, the topmost last."""
    return slack.workspace.stack(slack.workspace.person(who).id)


def holds_field(view, name):
    """Whether a modal has that field by now."""
    return f"'{name}'" in str(view.sent["blocks"])


async def opened(slack, who, press, name):
    """The modal that ``press`` opens, once it holds the field ``name``; pressed again where it never does."""
    while True:
        for view in list(open_views(slack, who)):
            view.closed = True
        await slack.until(lambda: slack.sockets)
        click = await press()
        if await click.acked is None:
            continue
        try:
            await within(slack.until(lambda: _filled(slack, who, name) is not None), AGAIN_AFTER)
        except TimeoutError:
            continue
        return _filled(slack, who, name)


def _filled(slack, who, name):
    return next((view for view in open_views(slack, who) if holds_field(view, name)), None)


async def sent_off(slack, who, view, values):
    """Send a filled modal off until it is taken; what its ack says."""
    while True:
        await slack.until(lambda: slack.sockets)
        submission = await slack.submit_view(who, view.id, values)
        ack = await submission.acked
        if ack is not None:
            return ack


async def filled_in(slack, who, press, name, values):
    """Open a modal by ``press``, fill it in and send it off; what its ack says."""
    view = await opened(slack, who, press, name)
    return await sent_off(slack, who, view, values)


def menu(slack, who, channel, find, word):
    """Choose a word of a message's menu: a press for ``opened``."""

    async def press():
        message = find()
        option = next(
            one["value"]
            for block in message.blocks
            for element in block.get("elements", [])
            if element.get("type") == "overflow"
            for one in element["options"]
            if one["value"].startswith(f"{word} ")
        )
        return await slack.click(who, channel, message.ts, "case_menu", option)

    return press


def button(slack, who, channel, find, action):
    """Press a button of a message: a press for ``opened``."""

    async def press():
        return await slack.click(who, channel, find().ts, action)

    return press

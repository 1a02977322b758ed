"""The process that stands for Slack's Web API and Studio: ``python -m tests.benchmark.peer``.

Its first line on stdout is its port. ``/control/NAME`` takes the benchmark's orders as JSON.
"""

import asyncio
import json
import sys

from tests.benchmark.light_slack import LightSlack
from tests.benchmark.light_studio import LightStudio
from tests.benchmark.wire import Answer, Exchange


class Peer:
    """Routes a request to Slack, Studio or the benchmark's own orders."""

    def __init__(self, socket_url, scopes):
        self.slack = LightSlack(socket_url, scopes)
        self.studio = LightStudio()

    def route(self, method, target, body):
        """The answer to one request."""
        if target.startswith("/slack/api/"):
            return self.slack.answer(target[11:].partition("?")[0], body)
        if target.startswith("/studio/api"):
            return self.studio.answer(method, target[7:], body)
        if target.startswith("/respond"):
            return self.slack.respond(body)
        if target.startswith("/control/"):
            told = getattr(self, f"order_{target[9:]}")(json.loads(body or b"{}"))
            return Answer(json.dumps(told).encode())
        return Answer(b"{}", status=404)

    def order_findings(self, order):
        """Let findings appear (``count``), or have stood for long (``base``)."""
        self.studio.base = order.get("base", self.studio.base)
        if order.get("count"):
            self.studio.add(order["count"], order["severity"], order["category"])

    def order_behave(self, order):
        """Answer late (``delays`` by call), or limit a channel to one message a second (``strict``)."""
        self.studio.delays = order.get("delays", self.studio.delays)
        self.slack.strict = order.get("strict", self.slack.strict)

    def order_posts(self, order):
        """The messages from number ``since`` on: when, channel, ts, case."""
        return [post[:4] for post in self.slack.posts[order.get("since", 0) :]]

    def order_shown(self, _order):
        """Each message by its ts: when it was written last, and the text it has."""
        return self.slack.shown

    def order_counts(self, _order):
        """How much of everything there was."""
        return {
            "posts": len(self.slack.posts),
            "cases": len({post[3] for post in self.slack.posts if post[3]}),
            "unique_keys": len({post[4] for post in self.slack.posts}),
            "refused": self.slack.refused,
            "answers": self.slack.answers,
            "slack": dict(self.slack.counts),
            "studio": dict(self.studio.counts),
        }


async def serve(socket_url, scopes):
    """Serve until killed."""
    peer = Peer(socket_url, scopes)
    server = await asyncio.get_running_loop().create_server(lambda: Exchange(peer.route), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - how the benchmark learns it
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], sys.argv[2]))

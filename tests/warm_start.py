"""The program with everything imported, forked for each start: that costs a fork, not seconds of imports.

``python tests/warm_start.py FD`` answers on that socket, a request at a time: ``start`` forks what is
the program from there on (its own environment, directory, arguments, output; two descriptors come with the
request), ``reap`` waits for one and tells its exit code. ``tests/cli/test_run.py``, the browser's suite and
the benchmark start the program cold.
"""

import gc
import importlib
import json
import os
import pkgutil
import random
import socket
import sys
import time

import compliance_bot.cli
from compliance_bot import failpoints

LARGEST = 1 << 20


def warm():
    """Import all that the commands import on demand."""
    gc.disable()
    for module in pkgutil.iter_modules(compliance_bot.cli.__path__):
        if not module.ispkg:
            importlib.import_module(f"compliance_bot.cli.{module.name}")
    importlib.import_module("compliance_bot.app.running")
    gc.enable()
    gc.freeze()


def be_the_program(request, out, error):
    """Become what ``python -m compliance_bot`` would be; never returns."""
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["directory"])
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(out, 1)
    os.dup2(error, 2)
    os.closerange(3, 256)
    time.tzset()
    random.seed()
    importlib.reload(failpoints)
    sys.argv = ["compliance-bot", *request["arguments"]]
    compliance_bot.cli.main()


def serve(peer):
    """Answer requests until the other side is gone."""
    while True:
        message, descriptors, _, _ = socket.recv_fds(peer, LARGEST, 2)
        if not message:
            return
        request = json.loads(message)
        if "reap" in request:
            _, status = os.waitpid(request["reap"], 0)
            answer = os.waitstatus_to_exitcode(status)
        else:
            answer = os.fork()
            if answer == 0:
                be_the_program(request, *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        peer.send(json.dumps(answer).encode())


if __name__ == "__main__":
    warm()
    serve(socket.socket(fileno=int(sys.argv[1])))

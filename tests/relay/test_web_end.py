# SPDX-License-Identifier: Apache-2.0
"""The end comes while messages are handed in: what was answered 202 is kept, once."""
import http.client
import json
import threading
import time

from web import Api


def post_until_the_end(api, kept, wrong):
    connection = api.connect()
    for k in range(100000):
        try:
            connection.request("POST", f"/api/v1/messages?recipient=n{k}@kunde.example", "From: a@example.com\r\n\r\nx\r\n")
            answer = connection.getresponse()
            document = json.loads(answer.read())
        except (OSError, http.client.HTTPException):
            return
        if answer.status == 202:
            kept.append(document["id"])
        elif answer.status != 503:
            wrong.append(document)


def test_what_was_answered_is_kept(folder):
    api, kept, wrong = Api(folder, port=9), [], []
    threads = [threading.Thread(target=post_until_the_end, args=(api, kept, wrong)) for _ in range(4)]
    for t in threads:
        t.start()
    time.sleep(0.5)
    api.stop()
    for t in threads:
        t.join(20)
    assert kept and not wrong and len(set(kept)) == len(kept), (len(kept), wrong[:1])
    log = "".join(f.read_text() for f in (api.relay.data / "log").iterdir())
    lost = [i for i in kept if i not in log]
    assert not lost, (len(kept), lost[:3])

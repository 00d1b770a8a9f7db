"""Publishes a job by plain Dapr pub/sub and follows it by HTTP. Needs Python 3 and nothing else: python3 samples/publish.py"""
import json
import time
import urllib.request
import uuid

SIDECAR = "http://localhost:3500"
GATEWAY = "http://localhost:5080"


def call(url, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        text = answer.read()
        return json.loads(text) if text else None


job_id = str(uuid.uuid4())
call(f"{SIDECAR}/v1.0/publish/jobs/message-delivery", {
    "jobId": job_id,
    "type": "send-message",
    "data": {
        "messageId": str(uuid.uuid4()),
        "senderId": str(uuid.uuid4()),
        "recipientId": str(uuid.uuid4()),
        "conversationId": str(uuid.uuid4()),
        "content": "Hello from Python.",
    },
})

while True:
    try:
        record = call(f"{GATEWAY}/queue/message-delivery/jobs/{job_id}")
    except urllib.error.HTTPError as error:
        if error.code != 404:
            raise
        record = {"state": "on its way"}
    print(record["state"])
    if record["state"] in ("completed", "failed"):
        break
    time.sleep(0.2)

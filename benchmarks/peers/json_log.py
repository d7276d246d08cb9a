"""A plain loop: `json.loads` for each line of tracking logs and the same fields out of it; nothing is written. Arguments: OUT THREADS LOG..."""

import gzip
import json
import sys

_, _, *logs = sys.argv[1:]
FIELDS = ("time", "event_source", "event_type", "name", "username", "ip", "agent", "host", "page", "referer", "accept_language", "session")
PAYLOAD_FIELDS = ("problem_id", "attempts", "grade", "success", "code", "currentTime")
n_rows = 0
for log in logs:
    opener = gzip.open if log.endswith(".gz") else open
    with opener(log, "rb") as lines:
        for line in lines:
            try:
                event = json.loads(line)
            except ValueError:
                continue
            context = event.get("context") or {}
            payload = event.get("event")
            if isinstance(payload, str):
                try:
                    payload = json.loads(payload)
                except ValueError:
                    payload = None
            row = [event.get(field) for field in FIELDS]
            row += [context.get(field) for field in ("course_id", "org_id", "user_id", "path")]
            if isinstance(payload, dict):
                row += [payload.get(field) for field in PAYLOAD_FIELDS]
            n_rows += 1
print(n_rows)

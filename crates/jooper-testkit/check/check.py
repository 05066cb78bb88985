#!/usr/bin/env python3
"""Drives the Google simulator with Google's own client and checks every answer against its discovery document.

    python3 -m venv VENV && VENV/bin/pip install -r crates/jooper-testkit/check/requirements.txt
    cargo build -p jooper-testkit --bin google-simulator
    VENV/bin/python crates/jooper-testkit/check/check.py TARGET/debug/google-simulator

Exits with 0 when every method that both sides have was called and every answer fits, otherwise not.
"""

import base64
import json
import sys
import urllib.request
from email.message import EmailMessage
from importlib import resources

import google.oauth2.credentials
import google_auth_httplib2
import httplib2
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from googleapiclient.discovery import build_from_document
from googleapiclient.errors import HttpError
from googleapiclient.http import BatchHttpRequest, MediaInMemoryUpload

sys.dont_write_bytecode = True

from discovery import Mismatch, Schemas, methods  # noqa: E402
from simulator import CLIENT_ID, CLIENT_SECRET, SCOPES, Simulator  # noqa: E402

ANN = "ann@firm.example"
BOB = "bob@other.example"
READ = "https://www.googleapis.com/auth/gmail.readonly"
SEND = "https://www.googleapis.com/auth/gmail.send"
# Readable by scope, but about delegation, S/MIME and client-side encryption: the simulator says 403.
NOT_SIMULATED = (".cse.", ".delegates.", ".smimeInfo.")
# The simulated accounts have none of these, so only the refusal can be looked at.
ONLY_MISSING = {"gmail.users.drafts.get", "gmail.users.settings.filters.get", "gmail.users.settings.forwardingAddresses.get"}


# The document calls no field required, but these are in every answer: a client leans on them. A path that
# ends in [] is a list that may be absent; its keys must be in each of its items.
ALWAYS = {
    "gmail.users.getProfile": ["emailAddress", "messagesTotal", "threadsTotal", "historyId"],
    "gmail.users.messages.send": ["id", "threadId", "labelIds"],
    "gmail.users.messages.get": ["id", "threadId", "historyId", "internalDate", "sizeEstimate"],
    "gmail.users.messages.list": ["resultSizeEstimate", "messages[].id", "messages[].threadId"],
    "gmail.users.messages.attachments.get": ["size", "data"],
    "gmail.users.threads.list": ["resultSizeEstimate", "threads[].id", "threads[].historyId"],
    "gmail.users.threads.get": ["id", "historyId", "messages", "messages[].id", "messages[].threadId"],
    "gmail.users.history.list": ["historyId", "history[].id", "history[].messages"],
    "gmail.users.labels.list": ["labels", "labels[].id", "labels[].name", "labels[].type"],
    "gmail.users.labels.get": ["id", "name", "type"],
    "gmail.users.settings.sendAs.list": ["sendAs", "sendAs[].sendAsEmail"],
    "gmail.users.settings.sendAs.get": ["sendAsEmail"],
    "gmail.users.settings.getLanguage": ["displayLanguage"],
    "gmail.users.watch": ["historyId", "expiration"],
}
# And these in a message, by the form that was asked for.
OF_FORM = {"raw": ["raw"], "full": ["payload.headers", "payload.mimeType"], "metadata": ["payload.headers"], "minimal": []}


class Checker:
    """Calls methods by their id and remembers which were called."""

    def __init__(self, document, service):
        self.schemas = Schemas(document)
        self.methods = methods(document)
        self.service = service
        self.called = set()
        self.answers = 0

    def request(self, method_id, **arguments):
        *path, name = method_id.removeprefix("gmail.").split(".")
        resource = self.service
        for step in path:
            resource = getattr(resource, step)()
        return getattr(resource, "import_" if name == "import" else name)(**arguments)

    def call(self, method_id, **arguments):
        """One call that must succeed and fit its schema."""
        answer = self.request(method_id, **arguments).execute()
        self.fits(method_id, answer, arguments.get("format"))
        return answer

    def fits(self, method_id, answer, form=None):
        self.called.add(method_id)
        self.answers += 1
        response = self.methods[method_id].get("response")
        if response is None:
            if answer not in ("", b"", {}):
                raise Mismatch(f"{method_id}: an answer where none is described: {answer!r}")
            return
        self.schemas.check(response["$ref"], answer, method_id)
        self.schemas.has(answer, ALWAYS.get(method_id, []) + OF_FORM.get(form, []) * (method_id == "gmail.users.messages.get"), method_id)

    def refused(self, method_id, status, reason, **arguments):
        """One call that must be refused with Google's error envelope."""
        try:
            self.request(method_id, **arguments).execute()
        except HttpError as error:
            body = json.loads(error.content)["error"]
            if error.status_code != status or body["code"] != status:
                raise Mismatch(f"{method_id}: status {error.status_code}, wanted {status}") from error
            first = body["errors"][0]
            if first["reason"] != reason or not all(isinstance(first[key], str) for key in ("domain", "message")):
                raise Mismatch(f"{method_id}: refused as {first}, wanted {reason}") from error
            if not isinstance(body["message"], str) or not body["status"].isupper():
                raise Mismatch(f"{method_id}: no proper envelope: {body}") from error
            self.called.add(method_id)
            return
        raise Mismatch(f"{method_id}: not refused")


def mime(subject, thread_to=None, attachment=False):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = ANN, BOB, subject
    mail["Message-ID"] = "<own@firm.example>"
    if thread_to:
        mail["In-Reply-To"] = mail["References"] = thread_to
    # Google's client can upload ASCII only.
    mail.set_content("Grüße aus dem Test\n", cte="quoted-printable")
    if attachment:
        mail.add_alternative("<p>Grüße</p>", subtype="html")
        mail.add_attachment(b"%PDF" * 100, maintype="application", subtype="pdf", filename="a.pdf")
    return mail.as_bytes()


def raw(data):
    return {"raw": base64.urlsafe_b64encode(data).decode()}


def header(message, name):
    return next(h["value"] for h in message["payload"]["headers"] if h["name"].lower() == name.lower())


def check_identity(sim, tokens, nonce):
    """The ID token's signature, with another library than the simulator's."""
    head, body, signature = tokens["id_token"].split(".")
    decode = lambda part: base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))  # noqa: E731
    with urllib.request.urlopen(sim.urls["certs"], timeout=10) as answer:
        keys = json.loads(answer.read())["keys"]
    key = next(k for k in keys if k["kid"] == json.loads(decode(head))["kid"])
    number = lambda name: int.from_bytes(decode(key[name]), "big")  # noqa: E731
    public = rsa.RSAPublicNumbers(number("e"), number("n")).public_key()
    public.verify(decode(signature), f"{head}.{body}".encode(), padding.PKCS1v15(), SHA256())
    claims = json.loads(decode(body))
    assert claims["aud"] == CLIENT_ID and claims["nonce"] == nonce and claims["email"] == ANN, claims
    request = urllib.request.Request(sim.urls["userinfo"], headers={"Authorization": f"Bearer {tokens['access_token']}"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert json.loads(answer.read())["sub"] == claims["sub"]


def story(check, sim):
    """Everything a mailer does, in the order it does it."""
    me = {"userId": "me"}
    cursor = check.call("gmail.users.getProfile", **me)["historyId"]
    first = check.call("gmail.users.messages.send", **me, body=raw(mime("Offer", attachment=True)))
    wire = header(check.call("gmail.users.messages.get", **me, id=first["id"], format="metadata", metadataHeaders=["Message-ID"]), "Message-ID")
    assert wire.endswith("@mail.gmail.com>"), wire

    media = lambda data: MediaInMemoryUpload(data, mimetype="message/rfc822", resumable=False)  # noqa: E731
    second = check.call("gmail.users.messages.send", **me, body={"threadId": first["threadId"]}, media_body=media(mime("Re: Offer", wire)))
    assert second["threadId"] == first["threadId"]
    check.call("gmail.users.messages.send", **me, media_body=media(mime("Alone")))

    for form in ("minimal", "full", "raw"):
        shown = check.call("gmail.users.messages.get", **me, id=first["id"], format=form)
        if form == "full":
            part = next(p for p in shown["payload"]["parts"] if p["filename"] == "a.pdf")
            bytes_ = check.call("gmail.users.messages.attachments.get", **me, messageId=first["id"], id=part["body"]["attachmentId"])
            assert base64.urlsafe_b64decode(bytes_["data"]) == b"%PDF" * 100
    for act in ({"reply": {"mood": "interested", "form": "html"}}, {"bounce": "gmail_modern"}, {"away": "exchange"}, "calendar_request", "mime_bomb", "junked_reply"):
        sim.control("react", {"send": 0, "recipient": BOB, "act": act})
    sim.control("clock", {"advance_ms": 600_000})

    listed = check.call("gmail.users.messages.list", **me, includeSpamTrash=True)["messages"]
    assert len(listed) == 9, len(listed)
    for item in listed:
        check.call("gmail.users.messages.get", **me, id=item["id"])
    page = check.call("gmail.users.messages.list", **me, labelIds=["SENT"], maxResults=2)
    check.call("gmail.users.messages.list", **me, labelIds=["SENT"], maxResults=2, pageToken=page["nextPageToken"])
    assert "messages" not in check.call("gmail.users.messages.list", **me, q="subject:nothing-like-it")
    assert check.call("gmail.users.messages.list", **me, q="in:sent subject:alone")["messages"]

    listed_threads = check.call("gmail.users.threads.list", **me)["threads"]
    for item in listed_threads:
        check.call("gmail.users.threads.get", **me, id=item["id"], format="full")

    newest = listed[0]["id"]
    sim.control("relabel", {"account": ANN, "id": newest, "add": ["STARRED"], "remove": ["UNREAD"]})
    sim.control("delete", {"account": ANN, "id": newest})
    kinds, token, seen = set(), None, 0
    while True:
        page = check.call("gmail.users.history.list", **me, startHistoryId=cursor, maxResults=4, pageToken=token)
        for record in page.get("history", []):
            kinds |= set(record) - {"id", "messages"}
            seen += 1
        token = page.get("nextPageToken")
        if not token:
            break
    assert kinds == {"messagesAdded", "messagesDeleted", "labelsAdded", "labelsRemoved"} and seen == 12, (kinds, seen)
    assert "history" not in check.call("gmail.users.history.list", **me, startHistoryId=page["historyId"])

    for label in check.call("gmail.users.labels.list", **me)["labels"]:
        check.call("gmail.users.labels.get", **me, id=label["id"])
    for entry in check.call("gmail.users.settings.sendAs.list", **me)["sendAs"]:
        check.call("gmail.users.settings.sendAs.get", **me, sendAsEmail=entry["sendAsEmail"])
    for setting in ("getVacation", "getAutoForwarding", "getImap", "getPop", "getLanguage"):
        check.call(f"gmail.users.settings.{setting}", **me)
    for listing in ("drafts", "settings.filters", "settings.forwardingAddresses"):
        check.call(f"gmail.users.{listing}.list", **me)
    check.call("gmail.users.watch", **me, body={"topicName": "projects/sim-project/topics/gmail", "labelIds": ["INBOX"]})
    check.call("gmail.users.stop", **me)
    assert check.request("gmail.users.getProfile", **me, fields="emailAddress").execute() == {"emailAddress": ANN}
    return first["id"]


def batches(check, sim, message):
    """The client's own batch and the documented batch path."""
    for uri in (None, sim.urls["batch"]):
        failures, good = [], []

        def done(request_id, answer, error):
            if error is None:
                check.fits(request_id.split("#")[0], answer)
                good.append(request_id)
            else:
                failures.append(error.status_code)

        batch = BatchHttpRequest(callback=done, batch_uri=uri) if uri else check.service.new_batch_http_request(callback=done)
        for nth, (method, arguments) in enumerate(
            [
                ("gmail.users.getProfile", {}),
                ("gmail.users.messages.get", {"id": message}),
                ("gmail.users.messages.get", {"id": "none"}),
                ("gmail.users.messages.send", {"body": raw(mime("Batched"))}),
                ("gmail.users.labels.list", {}),
            ]
        ):
            batch.add(check.request(method, userId="me", **arguments), request_id=f"{method}#{nth}")
        batch.execute(http=check.service._http)
        if len(good) != 4 or failures != [404]:
            raise Mismatch(f"batch at {uri}: {good} {failures}")


def refusals(check):
    """What is missing says so, and every other method of the document needs a scope that is never granted."""
    for method_id in sorted(ONLY_MISSING):
        key = {"drafts": "id", "filters": "id", "forwardingAddresses": "forwardingEmail"}[method_id.split(".")[-2]]
        check.refused(method_id, 404, "notFound", userId="me", **{key: "none"})
    check.refused("gmail.users.messages.get", 404, "notFound", userId="me", id="none")
    check.refused("gmail.users.history.list", 404, "notFound", userId="me", startHistoryId="1")
    check.refused("gmail.users.messages.send", 400, "invalidArgument", userId="me", body=raw(b"Subject: nobody\r\n\r\n"))
    for method_id, method in sorted(check.methods.items()):
        ours = set(method["scopes"]) & {READ, SEND}
        if ours and not any(part in method_id for part in NOT_SIMULATED):
            continue
        arguments = {name: "x" for name, spec in method["parameters"].items() if spec.get("required")}
        arguments["userId"] = "me"
        if "request" in method:
            arguments["body"] = {}
        check.refused(method_id, 403, "insufficientPermissions", **arguments)


def main():
    path = "googleapiclient/discovery_cache/documents/gmail.v1.json"
    package, _, name = path.partition("/")
    document = json.loads(resources.files(package).joinpath(name).read_text())
    arguments = ["--seed", "5", "--silent", "--start", "2026-11-23T08:00:00Z", "--factor", "0"]
    sim = Simulator(sys.argv[1], *arguments, "--user", ANN)
    try:
        tokens, nonce = sim.authorize(ANN)
        check_identity(sim, tokens, nonce)
        # A token that the client must refresh by itself before the first call.
        credentials = google.oauth2.credentials.Credentials(
            token="stale",
            refresh_token=tokens["refresh_token"],
            token_uri=sim.urls["token"],
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            scopes=SCOPES[3:],
        )
        http = google_auth_httplib2.AuthorizedHttp(credentials, http=httplib2.Http(timeout=20))
        root = {"rootUrl": sim.urls["gmail"] + "/", "baseUrl": sim.urls["gmail"] + "/", "mtlsRootUrl": sim.urls["gmail"] + "/"}
        check = Checker(document, build_from_document({**document, **root}, http=http))
        message = story(check, sim)
        batches(check, sim, message)
        refusals(check)

        missing = sorted(set(check.methods) - check.called)
        if missing:
            raise Mismatch(f"never called: {missing}")
        unexpected = sim.control("summary")["unexpected"]
        if unexpected:
            raise Mismatch(f"the simulator did not know: {unexpected}")
        # A check that cannot fail shows nothing: these answers are wrong on purpose.
        me, found = {"userId": "me"}, []
        for fault, spoiled in (
            ("unknown_field", ("gmail.users.getProfile", me)),
            ({"omit_fields": ["historyId"]}, ("gmail.users.getProfile", me)),
            ({"omit_fields": ["payload"]}, ("gmail.users.messages.get", {**me, "id": message, "format": "full"})),
        ):
            sim.control("faults", {"when": "always", "fault": fault})
            method, arguments = spoiled
            try:
                check.call(method, **arguments)
            except Mismatch as mismatch:
                found.append(str(mismatch))
            else:
                raise Mismatch(f"{method} with {fault} went unnoticed")
            sim.control("faults", method="DELETE")
        print(f"{check.answers} answers of {len(check.called)} methods fit; {len(found)} spoiled ones were found ({'; '.join(found)})")
    finally:
        sim.close()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main()

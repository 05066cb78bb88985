"""Starts the simulator's binary and talks to its control API; signs an account in as a browser would."""

import base64
import hashlib
import json
import secrets
import subprocess
import urllib.error
import urllib.parse
import urllib.request

CLIENT_ID = "sim-client.apps.googleusercontent.com"
CLIENT_SECRET = "sim-secret"
REDIRECT = "http://127.0.0.1:9/callback"
SCOPES = [
    "openid",
    "email",
    "profile",
    "https://www.googleapis.com/auth/gmail.send",
    "https://www.googleapis.com/auth/gmail.readonly",
]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args):
        return None


class Simulator:
    def __init__(self, binary, *arguments):
        self.process = subprocess.Popen([binary, *arguments], stdout=subprocess.PIPE, text=True)
        self.urls = json.loads(self.process.stdout.readline())

    def close(self):
        self.process.terminate()
        self.process.wait(timeout=10)

    def control(self, path, body=None, method=None):
        """One call of the control API."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.urls['control']}/{path}", data=data, method=method, headers={"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read())

    def authorize(self, account):
        """Goes through the consent screen with PKCE; answers the token endpoint's JSON and the nonce."""
        verifier, state, nonce = (secrets.token_urlsafe(48) for _ in range(3))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "client_id": CLIENT_ID,
            "redirect_uri": REDIRECT,
            "response_type": "code",
            "scope": " ".join(SCOPES),
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "access_type": "offline",
            "prompt": "consent",
            "login_hint": account,
        }
        opener = urllib.request.build_opener(_NoRedirect)
        try:
            opener.open(f"{self.urls['authorize']}?{urllib.parse.urlencode(query)}", timeout=10)
            raise AssertionError("the consent screen did not redirect")
        except urllib.error.HTTPError as redirect:
            assert redirect.code == 302, redirect.code
            back = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(redirect.headers["Location"]).query))
        assert back["state"] == state
        form = {
            "grant_type": "authorization_code",
            "code": back["code"],
            "redirect_uri": REDIRECT,
            "code_verifier": verifier,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
        }
        data = urllib.parse.urlencode(form).encode()
        with urllib.request.urlopen(self.urls["token"], data=data, timeout=10) as answer:
            return json.loads(answer.read()), nonce

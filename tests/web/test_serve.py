"""`auditor serve` as somebody asks it, over HTTP on loopback, and as somebody attacks it."""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from html.parser import HTMLParser

import pytest
from click.testing import CliRunner

from auditor.cli import main
from auditor.run.evidence import attachments
from auditor.store import ledger
from auditor.store.runs import Store
from auditor.web.guard import BODY_CAP
from tests.tools.audits import audit, poisoned
from tests.tools.hostile_audits import strings
from tests.tools.pictures import LATITUDE, photograph
from tests.tools.web_server import ONCE, Client, keep_audit, served

PAGES = ("/", "/sites", "/runs", "/runs/night1", "/devices", "/findings", "/unread", "/due", "/topology", "/removals")
LISTS = ("sites", "runs", "runs/live", "runs/night1/events", "devices", "findings", "unread", "due", "removals")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    path = tmp_path_factory.mktemp("served") / "s.db"
    keep_audit(path, audit())
    with served(path, {"hq-field": "hq", "depot-field": "depot"}) as one:
        yield one


def devices(client):
    """Return number and site of each device somebody may see."""
    return {one["device"]: one["site"] for one in client.get("/api/v1/devices").json["items"]}


def at(client, site):
    return next(number for number, own in devices(client).items() if own == site)


def test_every_page_and_list_is_there_for_a_reader_and_for_nobody_else(server):
    for path in PAGES:
        answer = server.by("reader").get(path)
        assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8"), path
        assert (server.nobody.get(path).status, server.nobody.get(path).headers["location"]) == (303, "/enter")
    for path in (*(f"/api/v1/{name}" for name in LISTS), "/metrics", "/api/v1/topology?site=hq"):
        assert server.by("reader").get(path).status == 200, path
        assert server.nobody.get(path).status == 401, path


def test_a_device_is_shown_with_its_findings_evidence_and_history(server):
    number = next(one["device"] for one in server.by("reader").get("/api/v1/findings?maker=huawei").json["items"])

    own, page = (server.by("reader").get(f"{place}/devices/{number}") for place in ("/api/v1", ""))

    assert own.json["number"] == number
    assert [one["sort"] for one in own.json["events"]] == ["new"]
    notes = json.dumps(own.json["notes"])
    assert "VRP is the operating system" in notes
    assert "VRP is the operating system" in page.text


def test_findings_are_asked_for_by_law_maker_and_verdict(server):
    reader = server.by("reader")

    def found(query):
        return {(one["maker"], one["verdict"]) for one in reader.get(f"/api/v1/findings?{query}").json["items"]}

    assert found("verdict=confirmed") == {("huawei", "confirmed"), ("zte", "confirmed")}
    assert found("maker=hikvision") == {("hikvision", "possible")}
    assert found("law=us-ndaa-889") >= {("hikvision", "possible")}
    assert found("law=no-such-law") == found("site=nowhere") == set()


def test_pages_of_one_row_show_every_row_once(server):
    for name in ("devices", "findings", "unread", "removals", "runs", "runs/night1/events"):
        whole, rows, after = server.by("reader").get(f"/api/v1/{name}?limit=500").json["items"], [], ""
        while after is not None:
            page = server.by("reader").get(f"/api/v1/{name}?limit=1&after={after}").json
            rows, after = rows + page["items"], page["next"]
        assert rows == whole, name
        assert len(whole) > 1, name


@pytest.mark.parametrize("after", ["x", "W10", "WyJhIl0", "WzFlOTld", "WzQyOTQ5NjcyOTZd", "W3RydWVd", "%00", "bnVsbA"])
def test_a_key_that_no_page_gave_is_refused_in_a_line(server, after):
    answer = server.by("reader").get(f"/api/v1/devices?after={after}")

    assert (answer.status, "after: " in answer.json["detail"]) == (400, True)


WRITES = {
    "steps": ("POST", "/api/v1/devices/{number}/steps", {"state": "found"}, "field"),
    "disposal": ("POST", "/api/v1/devices/{number}/steps", {"state": "disposed", "proof": "C-1"}, "officer"),
    "waivers": (
        "POST", "/api/v1/devices/{number}/waivers",
        {"why": "ordered", "authority": "CR-17", "until": "2099-01-31"}, "officer",
    ),
    "give": ("POST", "/api/v1/tokens", {"name": "x {role}", "role": "admin"}, "admin"),
    "list": ("GET", "/api/v1/tokens", None, "admin"),
    "revoke": ("DELETE", "/api/v1/tokens/99", None, "admin"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRITES)
def test_each_role_may_do_its_own_and_what_those_below_it_may(server, name):
    method, path, cells, least = WRITES[name]
    number = at(server.by("admin"), "hq")
    for rank, role in enumerate(roles := ("reader", "field", "officer", "admin")):
        body = json.dumps(cells).replace("{role}", f"{role} {name}") if cells else ""
        answer = server.by(role).send(
            method, path.format(number=number), body.encode() or None, Content_Type="application/json"
        )
        may = rank >= roles.index(least)
        # What a role may, the use case decides: the device may be further on, or there may be no such token.
        is_refused = answer.status == 403 or "by an officer" in answer.text
        assert is_refused != may, (role, answer.text)
        assert answer.status < 500
    assert server.nobody.send(method, path.format(number=number)).status == 401


def test_whoever_is_bound_to_a_site_sees_and_changes_nothing_of_another(server):
    other, own = at(server.by("admin"), "hq"), at(server.by("admin"), "depot")
    bound = server.by("depot-field")

    assert set(devices(bound).values()) == {"depot"}
    for name in LISTS:
        rows = bound.get(f"/api/v1/{name}").json
        rows = rows if isinstance(rows, list) else rows["items"]
        assert {row["site"] for row in rows} <= {"depot"}, name
        assert '"hq"' not in json.dumps(bound.get(f"/api/v1/{name}?site=hq").json), name
    refusals = [
        bound.get(f"/api/v1/devices/{other}"), bound.get(f"/devices/{other}"), bound.get("/api/v1/topology?site=hq"),
        bound.put(f"/api/v1/devices/{other}/steps", {"state": "found"}),
        bound.upload(f"/api/v1/devices/{other}/files", "a.jpg", photograph()),
        bound.get(f"/api/v1/devices/{other}/files/{'0' * 64}"), bound.get("/metrics"),
    ]  # fmt: skip
    assert [one.status for one in refusals] == [400] * len(refusals)
    assert bound.get(f"/api/v1/devices/{own}").status == 200
    assert "hq" not in re.sub(r"<[^>]*>", " ", bound.get("/topology").text).split()


def test_a_step_and_a_photograph_are_noted_in_the_name_of_the_token_without_any_position(server):
    field, number = server.by("hq-field"), at(server.by("admin"), "hq")

    noted = field.put(f"/api/v1/devices/{number}/steps", {"state": "planned", "note": "order 7"})
    kept = field.upload(f"/api/v1/devices/{number}/files", "../../etc/cron.d/x.jpg", photograph(), step="planned")

    assert noted.status == kept.status == 200, (noted.text, kept.text)
    (one,) = [one for one in attachments(str(server.store), number) if one.who == "hq-field"]
    assert (one.name, one.step, one.left_out) == ("x.jpg", "planned", "the camera's notes, with any position")
    back = field.get(f"/api/v1/devices/{number}/files/{one.sha256}")
    assert (back.headers["content-type"], LATITUDE in back.body, back.body[:2]) == ("image/jpeg", False, b"\xff\xd8")
    assert back.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert {path.name for path in (server.store.parent / "evidence").rglob("*") if path.is_file()} >= {one.sha256}
    with Store(server.store).database.reading() as base:
        assert list(ledger.breaks(base)) == []
        rows = base.exec_driver_sql("SELECT kind, content FROM link WHERE content LIKE '%hq-field%'").all()
    assert [kind for kind, _ in rows] == ["token", "step", "evidence"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.html", b"<script>alert(1)</script>"),
        ("x.svg", b"<svg onload='alert(1)'/>"),
        ("x.jpg", b"\xff\xd8\xff"),
        ("", b""),
    ],
)
def test_what_is_no_picture_and_no_certificate_is_refused_without_a_word_of_our_folders(server, name, content):
    number = at(server.by("admin"), "hq")

    answer = server.by("field").upload(f"/api/v1/devices/{number}/files", name, content)

    assert answer.status in {400, 422}
    assert tempfile.gettempdir() not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/static/../s.db",
        "/static/..%2fs.db",
        "/static/%2e%2e/templates/base.html",
        "/static/web.css%00",
        "/static//etc/passwd",
    ],
)
def test_no_path_leads_out_of_the_few_files_that_are_given(server, path):
    assert server.nobody.get(path).status == 404


@pytest.mark.parametrize("digest", ["..%2f..%2fs.db", "%2e%2e", "0" * 63, "Z" * 64, "0" * 64])
def test_a_file_is_found_by_its_digest_at_its_device_and_by_nothing_else(server, digest):
    number = at(server.by("admin"), "hq")

    assert server.by("admin").get(f"/api/v1/devices/{number}/files/{digest}").status in {400, 404, 422}


def test_a_form_of_another_page_changes_nothing(server):
    client, number = server.nobody.entered(server.tokens["admin"]), at(server.by("admin"), "hq")
    token, path = client.form_token(), f"/devices/{number}/steps"
    other = server.nobody.entered(server.tokens["admin"]).form_token()
    body = f"state=found&csrf={token}".encode()
    kind = {"Content_Type": "application/x-www-form-urlencoded"}

    foreign = [
        client.post(path, state="found"),
        client.post(path, state="found", csrf=other),
        client.put(f"/api/v1{path}", {"state": "found"}),
        client.send("POST", path, body, Origin="https://evil.example", **kind),
        client.send("POST", path, body, Origin="null", **kind),
        client.send("POST", path, body, Sec_Fetch_Site="cross-site", **kind),
        client.send("DELETE", "/api/v1/tokens/1"),
        client.post("/leave"),
    ]

    assert [one.status for one in foreign] == [403] * len(foreign)
    own = client.send("POST", path, body, Origin=f"http://127.0.0.1:{server.port}", **kind)
    assert own.status in {303, 400}, "what the form says is up to the use case"
    assert client.put(f"/api/v1{path}", {"state": "found"}, X_CSRF_Token=token).status in {200, 400}


def test_the_token_of_the_start_opens_once_and_the_cookie_is_for_pages_alone(server):
    answer = server.nobody.post("/enter", token=ONCE)

    cookie = answer.headers["set-cookie"].lower()
    assert {"httponly", "samesite=strict", "path=/"} <= {word.strip() for word in cookie.split(";")}
    assert server.nobody.post("/enter", token=ONCE).status == 403
    assert ONCE not in server.nobody.get(f"/enter?token={ONCE}").headers.get("location", "")


def test_a_session_ends_with_its_token_and_with_leaving(server):
    given = server.by("admin").put("/api/v1/tokens", {"name": "guest", "role": "reader"}).json["token"]
    guest, stay = server.nobody.entered(given), server.nobody.entered(server.tokens["reader"])
    assert guest.get("/sites").status == stay.get("/sites").status == 200

    (number,) = (one["id"] for one in server.by("admin").get("/api/v1/tokens").json["items"] if one["name"] == "guest")
    assert server.by("admin").send("DELETE", f"/api/v1/tokens/{number}").status == 200
    assert stay.post("/leave", csrf=stay.form_token()).status == 303

    assert guest.get("/sites").status == stay.get("/sites").status == 303
    assert given.encode() not in server.store.read_bytes(), "a store keeps no secret"
    with Store(server.store).database.reading() as base:
        assert list(ledger.breaks(base)) == []


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:{port}", 200),
        ("localhost:{port}", 200),
        ("evil.example", 421),
        ("evil.example:{port}", 421),
        ("", 421),
    ],
)
def test_a_name_that_is_not_ours_is_not_answered(server, host, status):
    assert server.by("reader").get("/sites", Host=host.format(port=server.port)).status == status


def test_large_and_endless_requests_are_refused_before_they_are_read(server):
    number = at(server.by("admin"), "hq")
    path = f"/api/v1/devices/{number}/files"

    assert server.by("field").send("POST", path, b"", Content_Length=str(BODY_CAP + 1)).status == 413
    assert server.by("field").send("POST", path, None, Transfer_Encoding="chunked").status == 413


def test_every_answer_says_what_a_browser_may_do_with_it(server):
    for client, path in [
        (server.nobody, "/enter"), (server.nobody, "/"), (server.by("reader"), "/sites"), (server.nobody, "/nowhere"),
        (server.by("reader"), "/api/v1/sites"), (server.nobody, "/static/web.js"), (server.by("reader"), "/metrics"),
    ]:  # fmt: skip
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; "), path
        assert "unsafe" not in policy
        assert (headers["x-content-type-options"], headers["x-frame-options"]) == ("nosniff", "DENY")
        assert path.startswith("/static") or headers["cache-control"] == "no-store"
        assert "server" not in headers


class Tags(HTMLParser):
    """Collects the elements of a page and what they lead to."""

    def __init__(self, text):
        super().__init__()
        self.names, self.attributes = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.names.add(tag)
        self.attributes += attributes


def test_no_page_has_anything_in_it_that_a_device_made_up(tmp_path):
    words = iter(strings() * 40)
    keep_audit(tmp_path / "s.db", poisoned(audit(), lambda: next(words)))
    with served(tmp_path / "s.db") as server:
        reader = server.by("admin")
        numbers = list(devices(reader))
        pages = [reader.get(path) for path in (*PAGES, *(f"/devices/{number}" for number in numbers), "/tokens")]
        lists = [reader.get(f"/api/v1/{path}") for path in (*LISTS, *(f"devices/{number}" for number in numbers))]
        metrics = reader.get("/metrics").text

    assert {one.status for one in (*pages, *lists)} == {200}
    for page in pages:
        tags = Tags(page.text)
        assert not tags.names & {"iframe", "object", "embed", "img", "base", "style", "math", "template"}
        assert page.text.count("<script") == 1
        assert [name for name, _ in tags.attributes if name.startswith("on") or name == "style"] == []
        links = [value for name, value in tags.attributes if name in {"href", "src", "action"}]
        assert [value for value in links if not value.startswith(("/", "#")) or value.startswith("//")] == []
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", page.text)
    assert {one.headers["content-type"] for one in lists} == {"application/json"}
    assert 'forged"} 1\n' not in metrics


def test_a_run_that_reads_now_is_shown_until_it_is_stored(server):
    journals = server.store.parent / "journals"
    journals.mkdir(exist_ok=True)
    (journals / "20261130T010203Z-beef.jsonl").write_text("{}\n" * 5, encoding="utf-8")

    (one,) = server.by("reader").get("/api/v1/runs/live").json

    assert (one["run"], one["records"]) == ("20261130T010203Z-beef", 4)
    assert "4 records" in server.by("reader").get("/live").text
    assert server.by("hq-field").get("/api/v1/runs/live").json == [], "a run may be of any site"


def test_the_description_is_there_for_programs_and_names_every_answer(server):
    document = server.by("reader").get("/api/v1/openapi.json").json

    assert document["openapi"].startswith("3.1")
    operations = [one for path in document["paths"].values() for one in path.values()]
    assert len(operations) == 19
    assert all({"200", "401", "403"} <= one["responses"].keys() for one in operations)
    assert all(one["security"] for one in operations)


def test_the_command_prints_where_and_opens_once(tmp_path):
    keep_audit(tmp_path / "s.db", audit())
    words = [sys.executable, "-m", "auditor", "serve", "--port", "0", "--store", str(tmp_path / "s.db")]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=os.environ | {"COLUMNS": "200"}) as process:
        assert process.stderr is not None
        place, key = (process.stderr.readline() for _ in range(2))
        port, token = int(re.findall(r":(\d+)$", place.strip())[0]), key.partition("token=")[2].strip()
        client = Client(port)
        for _ in range(100):
            try:
                client.get("/enter")
                break
            except OSError:
                time.sleep(0.05)
        own = client.entered(token)
        assert own.get("/sites").status == 200
        assert client.post("/enter", token=token).status == 403
        process.terminate()
        assert process.wait(20) in {0, -15, 143}


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (
            ["--host", "0.0.0.0"],
            "--host: beyond this machine takes --tls-cert and --tls-key, or a --proxy that has them",
        ),
        (["--host", "nowhere"], "'nowhere' does not appear to be an IPv4 or IPv6 address"),
        (["--proxy", "x"], "'x' does not appear to be an IPv4 or IPv6 network"),
        (["--tls-cert", "/etc/hostname"], "--tls-cert, --tls-key: take both or neither"),
        (["--port", "99999"], "127.0.0.1:99999: cannot listen"),
        (["--store", "none"], "there is nothing to show without a store"),
    ],
)
def test_what_would_not_be_safe_is_refused_in_a_line(tmp_path, words, problem):
    result = CliRunner().invoke(main, ["serve", "--store", str(tmp_path / "s.db"), *words])

    assert (result.exit_code, problem in result.stderr, result.stderr.count("\n")) == (2, True, 1), result.stderr


def test_without_the_extra_a_line_names_it(tmp_path):
    code = "import sys; sys.modules['fastapi'] = None; from auditor.cli import main; main()"
    words = [sys.executable, "-c", code, "serve", "--store", str(tmp_path / "s.db")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (
        2,
        "auditor: auditor serve needs FastAPI: pip install 'network-equipment-auditor[hub]'\n",
    )

"""The units start commands that exist, with paths that agree with one another and with the settings, and are shut as they say."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess

import pytest
from typer.main import get_command

from copilot.cli.commands import app
from copilot.settings import PREFIX, load_settings
from tests.deploy.units import DEPLOY, unit

SERVICES = ("advisor-copilot.service", "advisor-copilot-nightly.service")
PROGRAM = "/opt/advisor-copilot/bin/advisor-copilot"
DATA, BACKUPS = "/var/lib/advisor-copilot", "/var/backups/advisor-copilot"


def commands(name: str) -> list[list[str]]:
    """What a unit runs, as words; a shell's words are those after its `exec`."""
    found = []
    for line in unit(name)["Service"]["ExecStart"]:
        words = shlex.split(line)
        if words[:2] == ["/bin/sh", "-c"]:
            words = shlex.split(words[2].removeprefix("exec "))
        found.append(words)
    return found


@pytest.mark.parametrize("name", SERVICES)
def test_every_command_and_option_exists(name):
    for program, *words in commands(name):
        assert program == PROGRAM
        command = get_command(app)
        while words and hasattr(command, "commands"):
            command = command.commands[words.pop(0)]
        options = {flag for parameter in command.params for flag in parameter.opts if flag.startswith("--")}
        assert {word.split("=")[0] for word in words if word.startswith("--")} <= options
        positional = [word for word in words if not word.startswith("--")]
        assert len(positional) <= len([p for p in command.params if p.param_type_name == "argument"])


def test_the_nightly_run_verifies_before_it_keeps():
    reads, keeps = commands("advisor-copilot-nightly.service")
    assert reads[1:] == ["audit", "verify"]
    assert keeps[1] == "backup"
    assert keeps[2].startswith(f"{BACKUPS}/copilot-$(date +%%Y")


@pytest.mark.parametrize("name", SERVICES)
def test_paths_agree(name):
    service = unit(name)["Service"]
    environment = dict(pair.split("=", 1) for line in service["Environment"] for pair in shlex.split(line))
    assert environment[f"{PREFIX}DATA"] == f"/var/lib/{service['StateDirectory'][0]}" == DATA
    assert service["WorkingDirectory"][0] == f"/etc/{service['ConfigurationDirectory'][0]}"
    assert service["EnvironmentFile"][0] == f"-{service['WorkingDirectory'][0]}/advisor-copilot.env"
    writable = service["ReadWritePaths"][0].split()
    assert writable == ([DATA, BACKUPS] if "nightly" in name else [DATA])
    account = (DEPLOY / "advisor-copilot.sysusers").read_text(encoding="utf-8").splitlines()[-1].split()
    assert account[:2] == ["u", service["User"][0]]
    assert service["Group"] == service["User"]
    folder = (DEPLOY / "advisor-copilot.tmpfiles").read_text(encoding="utf-8").splitlines()[-1].split()
    assert folder[:5] == ["d", BACKUPS, "0700", service["User"][0], service["User"][0]]


SHUT = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "CapabilityBoundingSet": "",
    "IPAddressDeny": "any",
    "IPAddressAllow": "localhost",
    "RestrictAddressFamilies": "AF_UNIX AF_INET AF_INET6",
    "UMask": "0077",
}


@pytest.mark.parametrize("name", SERVICES)
def test_it_is_shut_but_for_what_it_needs(name):
    service = unit(name)["Service"]
    assert {key: service[key] for key in SHUT} == {key: [value] for key, value in SHUT.items()}
    assert service["User"] == ["advisor-copilot"]
    assert "MemoryMax" in service


def test_both_services_are_shut_alike():
    first, second = (unit(name)["Service"] for name in SERVICES)
    same = [key for key in first if key.startswith(("Protect", "Private", "Restrict", "SystemCall", "IPAddress")) and key != "Restart"]  # fmt: skip
    assert len(same) > 15
    assert {key: first[key] for key in same} == {key: second.get(key) for key in same}


def test_a_stop_leaves_time_for_all_that_stops():
    """Requests 5 s (the server's limit), then the reader, the model and the judge, 5 s each at most."""
    server = (DEPLOY.parent / "ui/app.py").read_text(encoding="utf-8")
    requests = int(re.findall(r"timeout_graceful_shutdown=(\d+)", server)[0])
    service = unit("advisor-copilot.service")["Service"]
    assert float(service["TimeoutStopSec"][0]) >= requests + 3 * 5 + 5
    assert service["KillMode"] == ["mixed"]  # the model's process is needed until the last request has ended


def test_the_example_of_an_environment_holds_settings_that_exist(monkeypatch):
    text = (DEPLOY / "advisor-copilot.env").read_text(encoding="utf-8")
    pairs = dict(re.findall(r"^#?([A-Z_]+)=(\S+)$", text, re.MULTILINE))
    assert len(pairs) == len(re.findall(r"^#?[A-Z_]+=", text, re.MULTILINE)) > 8
    assert pairs.pop("OIDC_CLIENT_SECRET") == "SECRET"
    for key, value in pairs.items():
        monkeypatch.setenv(key, value)
    settings = load_settings()
    assert settings.serve.secure_cookies
    assert settings.model.grammar_field == "structured_outputs"
    used = re.findall(r"^([A-Z_]+)=", text, re.MULTILINE)
    assert not any("KEY" in key or "SECRET" in key or "URL" in key for key in used), "secrets are examples only"


def test_the_timer_starts_the_nightly_service_every_night():
    timer = unit("advisor-copilot-nightly.timer")
    assert timer["Timer"]["OnCalendar"] == ["*-*-* 02:30:00"]
    assert timer["Timer"]["Persistent"] == ["true"]
    assert timer["Install"]["WantedBy"] == ["timers.target"]


@pytest.fixture
def analyze():
    found = shutil.which("systemd-analyze")
    if found is None:
        pytest.skip("systemd is not installed here")
    return found


def test_systemd_finds_nothing_to_say_of_the_units(analyze, tmp_path):
    program = tmp_path / "advisor-copilot"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    names = [*SERVICES, "advisor-copilot-nightly.timer"]
    for name in names:
        text = (DEPLOY / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text.replace(f"ExecStart={PROGRAM}", f"ExecStart={program}"), encoding="utf-8")
    done = subprocess.run([analyze, "verify", "--man=no", *(str(tmp_path / name) for name in names)], capture_output=True, text=True, check=False)  # fmt: skip
    ours = [line for line in done.stderr.splitlines() if "advisor-copilot" in line]
    assert (done.returncode, ours) == (0, [])


def test_systemd_would_find_a_word_that_it_does_not_know(analyze, tmp_path):
    path = tmp_path / "advisor-copilot.service"
    text = (DEPLOY / path.name).read_text(encoding="utf-8")
    path.write_text(text.replace("ProtectSystem=strict", "ProtectSystem=very"), encoding="utf-8")
    done = subprocess.run([analyze, "verify", "--man=no", str(path)], capture_output=True, text=True, check=False)
    assert re.search(r"advisor-copilot.service:\d+: Failed to parse protect system", done.stderr)


@pytest.mark.parametrize("name", SERVICES)
def test_systemd_rates_the_exposure_low(analyze, name):
    done = subprocess.run([analyze, "security", "--offline=true", "--no-pager", str(DEPLOY / name)], capture_output=True, text=True, check=False)  # fmt: skip
    rated = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
    if rated is None:
        pytest.skip("this systemd rates no files")
    assert float(rated[1]) <= 1.5

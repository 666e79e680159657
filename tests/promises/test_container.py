"""The container files: valid for the Compose specification, and an image that runs without rights.

No container engine is needed: the specification's own schema (tests/vendor/compose-spec.json,
Apache-2.0) is the judge of compose.yaml; the Dockerfile is read line by line.
"""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from backend.kit.settings import Settings

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "tests" / "vendor" / "compose-spec.json"


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return loaded


@pytest.fixture(scope="module")
def dockerfile() -> list[str]:
    joined = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    lines = (line.strip() for line in joined.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def test_compose_is_valid_for_the_specification(compose: dict[str, Any]) -> None:
    schema = json.loads(SCHEMA.read_text())
    validator = jsonschema.validators.validator_for(schema)(schema)
    assert [error.message for error in validator.iter_errors(compose)] == []


def test_the_schema_would_notice_a_mistake(compose: dict[str, Any]) -> None:
    wrong = compose | {"services": compose["services"] | {"web": {"imagee": "typo"}}}
    schema = json.loads(SCHEMA.read_text())
    validator = jsonschema.validators.validator_for(schema)(schema)
    assert not validator.is_valid(wrong)


def test_compose_has_the_parts_of_a_city(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert {"database", "migrate", "web", "worker", "proxy"} <= services.keys()
    assert services["migrate"]["command"] == ["migrate"]
    assert services["worker"]["command"] == ["worker"]
    waits = {"condition": "service_completed_successfully"}
    assert services["web"]["depends_on"]["migrate"] == waits
    assert services["worker"]["depends_on"]["migrate"] == waits
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]


def test_every_setting_compose_passes_exists(compose: dict[str, Any]) -> None:
    known = {f"ZHENGXUN_{name.upper()}" for name in Settings.model_fields}
    for name in ("web", "worker", "migrate"):
        passed = set(compose["services"][name]["environment"])
        assert passed <= known, passed - known


def test_secrets_have_no_default(compose: dict[str, Any]) -> None:
    text = (ROOT / "compose.yaml").read_text()
    for secret in ("POSTGRES_PASSWORD", "ZHENGXUN_SECRET_KEY"):
        assert re.findall(r"\$\{" + secret + r"(?!:\?)", text) == []
        assert f"{secret}=\n" in (ROOT / ".env.example").read_text()


def test_every_variable_is_explained_in_the_example(compose: dict[str, Any]) -> None:
    used = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "compose.yaml").read_text()))
    explained = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert used == explained


def test_files_that_are_mounted_are_there(compose: dict[str, Any]) -> None:
    mounts = [
        str(v) for service in compose["services"].values() for v in service.get("volumes", [])
    ]
    files = [m.split(":")[0] for m in mounts if m.startswith("./deploy")]
    assert files
    assert [f for f in files if not (ROOT / f).is_file()] == []


def test_the_image_is_built_in_stages_and_runs_without_rights(dockerfile: list[str]) -> None:
    froms = [line for line in dockerfile if line.startswith("FROM ")]
    assert len(froms) >= 2
    last = dockerfile[dockerfile.index(froms[-1]) :]
    users = [line.split()[1] for line in last if line.startswith("USER ")]
    assert users and users[-1].split(":")[0] not in ("root", "0")
    assert not any("gcc" in line or "build-essential" in line for line in last)
    assert any(line.startswith("HEALTHCHECK") and "/readyz" in line for line in last)
    assert 'ENTRYPOINT ["zhengxun"]' in last


def test_the_image_installs_locked_dependencies_and_fonts(dockerfile: list[str]) -> None:
    whole = "\n".join(dockerfile)
    assert "--require-hashes -r requirements.txt" in whole
    assert "fandol" in whole
    assert "fonts-noto-cjk" in whole
    copied = [line.split()[1:-1] for line in dockerfile if re.match(r"COPY (?!--from)", line)]
    sources = [source for line in copied for source in line if not source.startswith("--")]
    assert [source for source in sources if not (ROOT / source).exists()] == []


def test_units_for_systemd_name_commands_that_exist() -> None:
    units = sorted((ROOT / "deploy").glob("*.service"))
    assert {unit.stem for unit in units} == {"zhengxun-web", "zhengxun-worker"}
    for unit in units:
        text = unit.read_text()
        assert re.search(r"^User=zhengxun$", text, re.MULTILINE)
        assert re.search(
            r"^ExecStart=/opt/zhengxun/bin/zhengxun (serve|worker)", text, re.MULTILINE
        )
        assert "NoNewPrivileges=yes" in text

"""Pulls and pushes of an engine at a real registry that wants to know who asks."""

import pytest
from debian_registry import docker_registry

from course.engine.engine import Engine
from course.engine.journal_file import write_journal
from course.errors import DockerError

HTPASSWD = "learner:$2y$05$TNsGC5/0U9KRMinP/Kgg.OG125/fjs2.Mc.TCISdmfrs4nS.XA7bm\n"  # bcrypt, of "secret"


@pytest.mark.peer("docker-registry")
def test_an_engine_pushes_and_pulls_as_whom_it_has_logged_in(tmp_path):
    (tmp_path / "htpasswd").write_text(HTPASSWD)
    lock = {"htpasswd": {"realm": "here", "path": str(tmp_path / "htpasswd")}}
    with docker_registry(tmp_path, auth=lock) as address:
        engine, name = Engine(seed=0), f"{address}/greeter:1"
        engine.pull("greeter:1")
        engine.tag("greeter:1", name)
        with pytest.raises(DockerError, match="no basic auth credentials"):
            engine.push(name)
        engine.login(address, username="learner", password="secret")
        seen = []
        engine.progress = seen.append
        assert "digest: sha256:" in engine.push(name)
        assert {"Pushing", "Pushed"} <= {transfer.status for transfer in seen}
        assert engine.pull(name).splitlines()[-2] == f"Status: Image is up to date for {name}"
        write_journal(engine, tmp_path / "engine.zip")
        assert b"secret" not in (tmp_path / "engine.zip").read_bytes()
        engine.logout(address)
        with pytest.raises(DockerError, match="no basic auth credentials"):
            engine.pull(name)

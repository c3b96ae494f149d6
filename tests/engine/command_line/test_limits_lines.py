"""Limits and addresses of containers, and who attaches to them, as typed: docker 20.10.24 was asked the same."""

import pytest

from course.engine.command_line.carrying_out import run_line
from course.engine.engine import Engine
from course.layers.small_image import small_images

LIMITS = "{{.HostConfig.Memory}} {{.HostConfig.MemorySwap}} {{.HostConfig.NanoCpus}} {{.HostConfig.PidsLimit}}"


@pytest.fixture
def docker():
    """Return what carries a line out: returns what it writes to both streams (str), and its status (int)."""
    engine = Engine(seed=0)
    engine.load(list(small_images().values()))

    def docker(line, stdin=None):
        done = run_line(engine, f"docker {line}", stdin=stdin)
        return done.text, done.errors, done.status

    docker.engine = engine
    docker("run -d --name web base:1 sleep 1000")
    return docker


def test_update_changes_limits_and_keeps_the_others(docker):
    assert docker("update --memory 64m --memory-swap 64m web nosuch") == (
        "web\n",
        "Error response from daemon: No such container: nosuch\n",
        1,
    )
    assert docker("update --memory 128m --memory-swap 256m --cpus 1.5 --pids-limit 20 web")[0] == "web\n"
    assert docker("update --restart no web")[0] == "web\n"
    assert docker(f"inspect -f '{LIMITS}' web")[0] == "134217728 268435456 1500000000 20\n"


@pytest.mark.parametrize(
    ("options", "refusal"),
    [
        ("", "you must provide one or more flags when using this command"),
        ("--restart always:3", "maximum retry count cannot be used with restart policy 'always'"),
        ("--restart banana", "invalid restart policy 'banana'"),
        ("--memory 1k", "Minimum memory limit allowed is 6MB"),
        ("--memory-reservation 1k", "Minimum memory reservation allowed is 6MB"),
        ("--cpus 1000", "Range of CPUs is from 0.01 to 4.00, as there are only 4 CPUs available"),
        (
            "--memory 128m",
            "Cannot update container {id}: Memory limit should be smaller than already set memoryswap limit, update "
            "the memoryswap at the same time",
        ),
    ],
)
def test_update_refuses_and_changes_nothing(docker, options, refusal):
    docker("update --memory 64m --memory-swap 64m web")
    before = docker.engine.container("web")
    prefix = "Error response from daemon: " if options else ""
    expected = "", f"{prefix}{refusal.format(id=before.id)}\n", 1
    assert docker(f"update {options} web") == expected
    assert docker.engine.container("web") == before


def test_a_count_that_is_no_number_is_refused_by_the_client(docker):
    assert docker("update --restart on-failure:x web") == ("", "maximum retry count must be an integer\n", 1)


def test_the_restart_policy_of_a_container_that_will_be_removed_stays(docker):
    docker("run -d --rm --name gone base:1 sleep 1000")
    assert "because AutoRemove is enabled" in docker("update --restart always gone")[1]


def test_a_container_has_as_much_swap_as_memory_unless_it_says_otherwise(docker):
    for name, options in {"one": "", "two": "--memory-swap 80m", "three": "--memory-swap -1"}.items():
        docker(f"create --name {name} --memory 64m {options} base:1")
    assert docker("inspect -f '{{.HostConfig.MemorySwap}}' one two three")[0].split() == ["134217728", "83886080", "-1"]
    refused = docker("run --memory-swap 32m base:1 true")[1]
    assert "You should always set the Memory limit when using Memoryswap limit, see usage." in refused


def test_attach_shows_what_comes_from_now_on_and_ends_as_the_program_does(docker):
    docker("run -d --name at base:1 sh -c 'echo before; sleep 5; echo after; exit 4'")
    assert docker("attach at") == ("after\n", "", 4)


def test_attach_refuses_a_container_that_does_not_run(docker):
    docker("pause web")
    assert docker("attach web") == ("", "You cannot attach to a paused container, unpause it first\n", 1)
    docker("create --name new base:1")
    assert docker("attach new") == ("", "You cannot attach to a stopped container, start it first\n", 1)


def test_attach_to_a_program_without_end_says_so(docker):
    docker("run -d --name ever base:1 sleep 5000")
    out, errors, status = docker("attach ever")
    assert (out, status) == ("", 0)
    assert "This would go on for ever" in errors
    assert docker.engine.container("ever").is_running


def test_an_address_can_be_chosen_in_a_network_with_a_chosen_subnet_only(docker):
    docker("network create own --subnet 10.9.0.0/24")
    docker("network create given")
    refused = docker("run --rm --network given --ip 10.0.0.1 base:1 true")[1]
    assert "supported only when connecting to networks with user configured subnets." in refused
    docker("run -d --name here --network own --ip 10.9.0.77 base:1 sleep 1000")
    assert docker("inspect -f '{{.NetworkSettings.Networks.own.IPAddress}}' here")[0] == "10.9.0.77\n"
    assert docker("run --rm --ip 10.0.0.1 base:1 true") == ("", "", 0)  # docker leaves it out


def test_a_volume_that_docker_cannot_take_apart_is_a_path_as_a_whole(docker):
    for text in ("relative", "a:b", "a:/data", ":/data"):
        docker(f"create --name box -v {text} base:1")
        assert [(point.kind, point.destination) for point in docker.engine.container("box").mounts] == [
            ("volume", f"/{text}")
        ]
        docker("rm box")


def test_a_terminal_cannot_be_had_from_a_file(docker):
    for line in ("run --rm -it base:1 cat", "exec -it web cat"):
        assert docker(line, b"words\n") == ("", "the input device is not a TTY\n", 1)

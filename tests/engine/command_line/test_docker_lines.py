"""Docker's command lines, from what is typed to what is printed.  The words are those of docker 20.10.24."""

import re

import pytest

from course.engine.command_line.carrying_out import COMMANDS, carry_out, reads_input, run_line
from course.engine.command_line.declarations import commands
from course.engine.command_line.world import InMind
from course.engine.engine import Engine
from course.layers.small_image import small_images

ID = re.compile(r"\b[0-9a-f]{64}\b")


class Shell:
    """A person at a terminal: types lines, and keeps what came of the last one."""

    def __init__(self, files=None, environment=None):
        self.engine = Engine(seed=0)
        self.engine.load(list(small_images().values()))
        self.world = InMind(files, environment)

    def __call__(self, line, stdin=None, **more):
        self.last = run_line(self.engine, line, world=self.world, stdin=stdin, **more)
        return self.last.text

    def refused(self, line, stdin=None, **more):
        """Return what a line that is refused writes to standard error, and its status."""
        self(line, stdin, **more)
        return self.last.errors, self.last.status


@pytest.fixture
def sh():
    return Shell()


def test_every_command_that_the_parser_knows_is_carried_out():
    assert {command.does for command in commands().values()} - set(COMMANDS) == set()


# run, start, exec


def test_run_writes_what_the_program_writes_and_ends_as_it_does(sh):
    sh("docker run --rm base:1 sh -c 'echo out; echo err >&2; exit 4'")
    assert (sh.last.stdout, sh.last.stderr, sh.last.status) == (b"out\n", b"err\n", 4)


def test_run_in_the_background_prints_the_id(sh):
    printed = sh("docker run -d --name web base:1 sleep 1000")
    assert printed == f"{sh.engine.container('web').id}\n"


def test_run_reads_its_input_only_if_it_is_interactive(sh):
    assert sh("docker run --rm -i base:1 cat", b"typed\n") == "typed\n"
    assert sh("docker run --rm base:1 cat", b"typed\n") == ""


def test_a_shell_that_nobody_types_into_ends_and_says_so(sh):
    errors, status = sh.refused("docker run -it --rm base:1 sh")
    assert "nobody types" in errors
    assert status == 0
    assert sh("docker run -it --rm base:1 echo hi").strip() == "hi"
    assert sh.last.errors == ""


def test_what_would_run_for_ever_goes_on_in_the_background_and_says_so(sh):
    printed = sh("docker run --name loop base:1 sh -c 'while true; do echo x; sleep 1; done'")
    assert printed == 20 * "x\n"
    assert "`docker stop loop` ends it" in sh.last.errors
    assert sh.last.status == 0
    assert "Up" in sh("docker ps")


def test_run_pulls_an_image_that_is_not_here_and_says_so_on_standard_error():
    outcome = run_line(Engine(seed=0), "docker run --rm base:1 echo hi", world=InMind())
    first, second, *_more, last = outcome.errors.splitlines()
    assert (first, second) == ("Unable to find image 'base:1' locally", "1: Pulling from library/base")
    assert last == "Status: Downloaded newer image for base:1"
    assert outcome.text == "hi\n"


@pytest.mark.parametrize(
    ("line", "message", "status"),
    [
        (
            "run nosuch",
            "docker: Error response from daemon: pull access denied for nosuch, repository does not exist",
            125,
        ),
        ("run --pull never base:9", "docker: Error response from daemon: No such image: base:9.", 125),
        ("run base:", "docker: invalid reference format.\nSee 'docker run --help'.", 125),
        ("create base:", "docker: invalid reference format.\nSee 'docker create --help'.", 125),
        ("run -d --restart always --rm base:1", "docker: Conflicting options: --restart and --rm.\nSee 'docker", 125),
        ("run -d -a stdout base:1", "Conflicting options: -a and -d\n", 1),
        ("run --name a base:1", "docker: Error response from daemon: Invalid container name (a), only", 125),
        ("run -p banana base:1", "docker: Invalid containerPort: banana.\nSee 'docker run --help'.", 125),
        ("run -p 99999:80 base:1", "docker: Invalid hostPort: 99999.", 125),
        ("run -p 80:80/banana base:1", "docker: Invalid proto: banana.", 125),
        ("run -p 1:2:3:4 base:1", "docker: Invalid ip address 1:2: address 1:2:: too many colons in address.", 125),
        ("run --env-file nosuch base:1", "docker: open nosuch: no such file or directory.", 125),
        ("run --mount type=volume,source=d base:1", 'invalid argument "type=volume,source=d" for "--mount" flag', 125),
        ("run --tmpfs relative base:1", "docker: Error response from daemon: invalid mount path: 'relative'", 125),
        ("run --stop-signal BANANA base:1", "docker: Error response from daemon: Invalid signal: BANANA.", 125),
        (
            "run -w /etc/motd base:1",
            "docker: Error response from daemon: Cannot mkdir: /etc/motd is not a directory.",
            125,
        ),
        ("run --network nosuch base:1", "docker: Error response from daemon: network nosuch not found.\n", 125),
        ("run --cap-add nosuch base:1", 'daemon: invalid CapAdd: unknown capability: "CAP_NOSUCH".\nSee', 125),
        ("run --network container:a --hostname b base:1", "conflicting options: hostname and the network mode.", 125),
        ("run -d --network container:nosuch base:1", "daemon: No such container: nosuch.\n", 125),
        ("run --pid host base:1", "--pid is an option of docker that is not simulated here", 125),
    ],
)
def test_run_is_refused_as_docker_does(sh, line, message, status):
    errors, found = sh.refused(line)
    assert message in errors
    assert found == status


def test_a_program_that_is_not_there_is_127_and_its_container_stays(sh):
    errors, status = sh.refused("docker run --name box base:1 nosuch")
    assert errors.startswith(
        "docker: Error response from daemon: failed to create shim task: OCI runtime create failed:"
    )
    assert errors.endswith('level=error msg="error waiting for container: context canceled"\n')
    assert status == 127
    assert "Created" in sh("docker ps -a")
    printed = sh("docker run -d base:1 /etc/motd")
    assert ID.fullmatch(printed.strip())
    assert sh.last.status == 126


def test_a_container_with_rm_that_cannot_start_is_gone(sh):
    sh("docker run --rm base:1 nosuch")
    assert sh("docker ps -aq") == ""


def test_variables_come_from_files_options_and_the_shell():
    shell = Shell({"vars": "# comment\nA=1\nB=2\nHERE\nNOT_HERE\n"}, {"HERE": "yes"})
    printed = shell("docker run --rm --env-file vars -e B=3 -e HERE -e GONE base:1 env")
    assert {"A=1", "B=3", "HERE=yes"} <= set(printed.split())
    assert "NOT_HERE" not in printed
    assert "GONE" not in printed
    shell.world.write("vars", [b"a b=1"])
    errors, status = shell.refused("docker run --env-file vars base:1")
    assert errors.startswith("docker: poorly formatted environment: variable 'a b' contains whitespaces.")
    assert status == 125


def test_the_id_goes_into_a_file_that_must_not_be_there(sh):
    sh("docker run --cidfile id base:1 true")
    assert sh.world.read("id").decode() in sh.engine.containers
    assert "Container ID file found" in sh.refused("docker run --cidfile id base:1 true")[0]


def test_start_attached_shows_what_this_run_writes_and_ends_as_it_does(sh):
    sh("docker run --name seven base:1 sh -c 'echo again; exit 7'")
    assert sh("docker start -a seven") == "again\n"
    assert sh.last.status == 7
    assert sh("docker start seven") == "seven\n"


def test_start_says_what_could_be_started_and_what_could_not(sh):
    sh("docker create --name web base:1 sleep 1000")
    sh("docker start nosuch web")
    assert sh.last.text == "web\n"
    assert sh.last.errors == (
        "Error response from daemon: No such container: nosuch\nError: failed to start containers: nosuch\n"
    )
    assert sh.last.status == 1


def test_exec_is_refused_as_docker_does(sh):
    assert sh.refused("docker exec nosuch ls") == ("Error: No such container: nosuch\n", 1)
    sh("docker run -d --name web base:1 sleep 1000")
    assert "executable file not found in $PATH" in sh("docker exec web nosuch")
    assert sh.last.status == 126
    assert sh.refused("docker exec -d web nosuch")[0].startswith("Error response from daemon: OCI runtime exec failed")
    sh("docker pause web")
    assert sh.refused("docker exec web ls") == (
        "Error response from daemon: Container web is paused, unpause the container before exec\n",
        1,
    )


# Lists


def test_ps_is_docker_s_table(sh):
    sh("docker run -d --name web -p 8080:80 base:1 sleep 1000")
    head, row = sh("docker ps").splitlines()
    columns = [head.index(name) for name in re.split(r" {3,}", head)]
    assert head == (
        "CONTAINER ID   IMAGE     COMMAND        CREATED        STATUS        "
        "PORTS                                   NAMES"
    )
    cells = [row[start:end].strip() for start, end in zip(columns, [*columns[1:], None], strict=True)]
    assert cells[1:] == [
        "base:1",
        '"sleep 1000"',
        "1 second ago",
        "Up 1 second",
        "0.0.0.0:8080->80/tcp, :::8080->80/tcp",
        "web",
    ]


def test_ports_that_follow_one_another_are_one_item(sh):
    sh("docker run -d --name web -p 127.0.0.1:8081:80/udp -p 9000-9001:9000-9001 --expose 7 base:1 sleep 1000")
    assert sh("docker ps --format {{.Ports}}") == (
        "7/tcp, 0.0.0.0:9000-9001->9000-9001/tcp, :::9000-9001->9000-9001/tcp, 127.0.0.1:8081->80/udp\n"
    )
    assert sh("docker port web 9000") == "0.0.0.0:9000\n:::9000\n"
    assert sh.refused("docker port web 1") == ("Error: No public port '1/tcp' published for web\n", 1)
    errors, status = sh.refused("docker run -d --name late -p 9000:1 base:1 sleep 1")
    assert "Bind for 0.0.0.0:9000 failed: port is already allocated." in errors
    assert status == 125


def test_ps_takes_filters_and_templates(sh):
    sh("docker run --name done --label tier=back base:1 sh -c 'exit 2'")
    sh("docker create --name new base:1 true")
    assert sh("docker ps -a --filter exited=2 --format '{{.Names}} {{.Label \"tier\"}}'") == "done back\n"
    assert sh("docker ps -aq --no-trunc").split() == [sh.engine.container(name).id for name in ("new", "done")]
    assert sh("docker ps -q") == ""
    assert sh.refused("docker ps --filter colour=red") == ("Error response from daemon: Invalid filter 'colour'\n", 1)


def test_images_and_history_are_docker_s_tables(sh):
    head, row = sh("docker images base").splitlines()
    assert head.split() == ["REPOSITORY", "TAG", "IMAGE", "ID", "CREATED", "SIZE"]
    assert row.split()[:2] == ["base", "1"]
    assert sh("docker images -q nosuch") == ""
    first = sh("docker history greeter:1").splitlines()[1]
    assert first.startswith(sh.engine.image("greeter:1").id[7:19])
    assert "RUN rm /app/notes.txt" in first
    assert sh.refused("docker history nosuch")[0] == "Error response from daemon: No such image: nosuch:latest\n"


def test_volumes_and_networks_are_listed(sh):
    sh("docker volume create --label tier=back data")
    assert sh("docker volume ls") == "DRIVER    VOLUME NAME\nlocal     data\n"
    sh("docker network create front")
    assert sh("docker network ls --format '{{.Name}} {{.Driver}}'") == (
        "bridge bridge\nfront bridge\nhost host\nnone null\n"
    )
    assert sh.refused("docker network rm nosuch bridge") == (
        "Error: No such network: nosuch\n"
        "Error response from daemon: bridge is a pre-defined network and cannot be removed\n",
        1,
    )
    assert sh.refused("docker volume rm nosuch") == ("Error: No such volume: nosuch\n", 1)


def test_system_df_has_four_digits_and_shares(sh):
    sh("docker create base:1")
    lines = sh("docker system df").splitlines()
    assert lines[0].split() == ["TYPE", "TOTAL", "ACTIVE", "SIZE", "RECLAIMABLE"]
    assert re.fullmatch(r"Images +3 +1 +\d+B +\d+B \(\d+%\)", lines[1])


# Watching


def test_logs_keep_the_streams_apart_and_know_tails_and_times(sh):
    sh("docker run --name talks base:1 sh -c 'echo one; echo two >&2; echo three'")
    assert (sh("docker logs talks"), sh.last.errors) == ("one\nthree\n", "two\n")
    assert (sh("docker logs --tail 1 talks"), sh.last.errors) == ("three\n", "")
    assert re.fullmatch(r"2026-01-01T00:00:0\d\.\d{9}Z three\n", sh("docker logs -t -n 1 talks"))
    assert sh("docker logs --since 2030-01-01 talks") == ""
    assert sh("docker logs --until 2020-01-01 talks") == ""
    assert sh("docker logs --since 10m talks") == "one\nthree\n"
    assert sh.refused("docker logs --since banana talks") == (
        'invalid value for "since": failed to parse value as time or duration: "banana"\n',
        1,
    )
    assert sh.refused("docker logs nosuch") == ("Error: No such container: nosuch\n", 1)


def test_following_a_log_waits_for_its_end_but_not_for_ever(sh):
    sh("docker run -d --name ends base:1 sh -c 'echo begin; sleep 5; echo end'")
    assert sh("docker logs -f ends") == "begin\nend\n"
    sh("docker run -d --name loop base:1 sh -c 'while true; do sleep 1; done'")
    before = sh.engine.clock.now
    assert "for ever" in sh.refused("docker logs -f loop")[0]
    assert sh.engine.clock.now == before


def test_wait_prints_exit_codes(sh):
    sh("docker run -d --name five base:1 sh -c 'exit 5'")
    assert sh("docker wait five") == "5\n"
    sh("docker run -d --name loop base:1 sleep 1000000")
    assert "for ever" in sh.refused("docker wait loop")[0]


def test_top_has_columns_of_twenty(sh):
    sh("docker run -d --name web base:1 sleep 1000")
    assert sh("docker top web -o pid,args") == "PID                 COMMAND\n1                   sleep 1000\n"
    assert sh("docker top web").split()[:8] == "UID PID PPID C STIME TTY TIME CMD".split()
    assert sh("docker top web x").split()[:5] == "PID TTY STAT TIME COMMAND".split()
    assert "there is no column colour" in sh.refused("docker top web -o pid,colour")[0]
    assert "Couldn't find PID field" in sh.refused("docker top web -o args")[0]


def test_diff_prints_kinds_and_paths(sh):
    sh("docker run --name box base:1 sh -c 'echo x > /new; rm /etc/motd'")
    assert sh("docker diff box") == "C /etc\nD /etc/motd\nA /new\n"


def test_inspect_prints_json_with_four_spaces(sh):
    sh("docker create --name web base:1 true")
    printed = sh("docker inspect web")
    assert printed.startswith('[\n    {\n        "Id": "')
    assert sh("docker inspect -f '{{.Name}} {{.State.Status}}' web") == "/web created\n"
    assert '"SizeRw": 0' in sh("docker inspect -s web")


@pytest.mark.parametrize(
    ("line", "stdout", "errors", "status"),
    [
        ("inspect nosuch", "[]\n", "Error: No such object: nosuch\n", 1),
        ("inspect -f {{.Id}} nosuch", "\n", "Error: No such object: nosuch\n", 1),
        ("container inspect nosuch", "[]\n", "Error: No such container: nosuch\n", 1),
        ("image inspect nosuch", "[]\n", "Error: No such image: nosuch\n", 1),
        ("volume inspect nosuch", "[]\n", "Error: No such volume: nosuch\n", 1),
        ("network inspect nosuch", "[]\n", "Error: No such network: nosuch\n", 1),
        ("inspect --type image web", "[]\n", "Error: No such image: web\n", 1),
        ("inspect --type banana web", "", '"banana" is not a valid value for --type\n', 1),
    ],
)
def test_inspect_names_what_is_not_there(sh, line, stdout, errors, status):
    sh(line)
    assert (sh.last.text, sh.last.errors, sh.last.status) == (stdout, errors, status)


def test_a_template_that_cannot_be_read_is_64(sh):
    sh("docker create --name web base:1 true")
    assert sh.refused("docker inspect -f '{{.Name' web")[1] == 64
    errors, status = sh.refused("docker inspect -f '{{.Nosuch}}' web")
    assert errors.startswith("template parsing error: template:")
    assert (sh.last.text, status) == ("\n", 1)


# The end of things


@pytest.mark.parametrize("name", ["stop", "restart", "kill", "pause", "unpause", "rm"])
def test_what_can_be_done_is_done_and_the_rest_refused(sh, name):
    sh("docker run -d --name web base:1 sleep 1000")
    if name == "unpause":
        sh("docker pause web")
    option = {"rm": "-f", "stop": "-t 0", "restart": "-t 0"}.get(name, "")
    sh(f"docker {name} {option} nosuch web")
    assert sh.last.text == "web\n"
    assert sh.last.errors.endswith("No such container: nosuch\n")
    assert sh.last.status == (0 if name == "rm" else 1)


def test_rm_is_the_client_s_own_refusal_where_nothing_is_there(sh):
    assert sh.refused("docker rm nosuch") == ("Error: No such container: nosuch\n", 1)
    sh("docker run -d --name web base:1 sleep 1000")
    assert sh.refused("docker rm web")[0].startswith(
        "Error response from daemon: You cannot remove a running container"
    )
    assert sh.refused("docker kill -s 99 web") == (
        "Error response from daemon: Cannot kill container: web: The linux daemon does not support signal 99\n",
        1,
    )
    assert sh.refused("docker rename web ' '") == ("Error: Neither old nor new names may be empty\n", 1)
    assert sh.refused("docker rename nosuch other")[0].endswith("Error: failed to rename container named nosuch\n")


def test_rmi_prints_names_and_digests(sh):
    image = sh.engine.image("greeter:1").id
    printed = sh("docker rmi greeter:1").splitlines()
    assert printed[:2] == ["Untagged: greeter:1", f"Deleted: {image}"]
    assert all(re.fullmatch("Deleted: sha256:[0-9a-f]{64}", line) for line in printed[1:])
    assert sh.refused("docker rmi nosuch") == ("Error: No such image: nosuch\n", 1)
    assert sh.refused("docker rmi -f nosuch") == ("Error: No such image: nosuch\n", 0)


def test_a_prune_asks_and_nobody_s_answer_is_no(sh):
    sh("docker create --name made base:1")
    asked = "WARNING! This will remove all stopped containers.\nAre you sure you want to continue? [y/N] "
    assert sh("docker container prune", b"n\n") == f"{asked}Total reclaimed space: 0B\n"
    assert sh("docker container prune") == f"{asked}Total reclaimed space: 0B\n"
    assert "`-f`" in sh.last.errors
    gone = sh.engine.container("made").id
    answer = f"Deleted Containers:\n{gone}\n\nTotal reclaimed space: 0B\n"
    assert sh("docker container prune", b"y\n") == asked + answer
    assert sh("docker container prune -f") == "Total reclaimed space: 0B\n"


def test_prunes_say_what_is_gone(sh):
    sh("docker volume create data")
    sh("docker network create front")
    assert sh("docker volume prune -f") == "Deleted Volumes:\ndata\n\nTotal reclaimed space: 0B\n"
    assert sh("docker network prune -f") == "Deleted Networks:\nfront\n\n"
    assert "\nuntagged: greeter:1\ndeleted: sha256:" in sh("docker image prune -af")
    sh("docker volume create data")
    sh("docker create base:1")
    printed = sh("docker system prune -af --volumes")
    assert [line for line in printed.splitlines() if line.endswith(":")] == [
        f"Deleted {what}:" for what in ("Containers", "Volumes", "Images")
    ]
    assert "\n  - all dangling build cache\n\nAre you sure" in sh("docker system prune", b"n")


# Images from outside, and files


def test_an_image_is_saved_and_loaded(sh):
    sh("docker save -o images.tar base:1 greeter:2")
    sh("docker rmi greeter:2 greeter:1 base:1")
    assert sh("docker load -i images.tar") == "Loaded image: base:1\nLoaded image: greeter:2\n"
    sh("docker save base:1")
    archive = sh.last.stdout
    assert sh("docker load", archive) == "Loaded image: base:1\n"
    assert sh.refused("docker load") == ("requested load from stdin, but stdin is empty\n", 1)
    assert "cowardly refusing to save to a terminal" in sh.refused("docker save base:1", is_terminal=True)[0]
    assert sh.refused("docker save nosuch") == ("Error response from daemon: No such image: nosuch\n", 1)


def test_an_archive_that_is_none_is_refused_and_nothing_changes(sh):
    sh.world.write("words", [b"no archive\n"])
    before = dict(sh.engine.store.tables["images"])
    for line in ("docker load -i words", "docker import words flat:1"):
        errors, status = sh.refused(line)
        assert "Error processing tar file(exit status 1): unexpected EOF\n" in errors
        assert status == 1
    assert sh.refused("docker load -i absent") == ("open absent: no such file or directory\n", 1)
    assert sh.engine.store.tables["images"] == before


def test_a_container_s_files_are_exported_and_imported(sh):
    sh("docker run --name box base:1 sh -c 'echo kept > /kept'")
    sh("docker export -o box.tar box")
    assert re.fullmatch("sha256:[0-9a-f]{64}\n", sh('docker import -c \'CMD ["cat", "/kept"]\' box.tar flat:1'))
    assert sh("docker run --rm flat:1 /bin/cat /kept") == "kept\n"


def test_commit_and_tag(sh):
    sh("docker run --name box base:1 true")
    assert re.fullmatch("sha256:[0-9a-f]{64}\n", sh("docker commit -m note box made:1"))
    assert sh("docker tag made:1 made:2") == ""
    errors, status = sh.refused("docker tag made:1 a:b:c")
    assert errors == 'Error parsing reference: "a:b:c" is not a valid repository/tag: invalid reference format\n'
    assert status == 1


def test_cp_goes_both_ways(sh):
    sh.world.write("here/file", [b"content"])
    sh("docker create --name box base:1 sh -c 'cat /tmp/here/file'")
    sh("docker cp here box:/tmp")
    assert sh("docker start -a box") == "content"
    sh("docker cp box:/tmp/here/file out")
    sh("docker cp box:/tmp/here/. there")
    assert sh.world.read("out") == sh.world.read("there/file") == b"content"
    sh("docker cp box:/tmp/here/file -")
    archive = sh.last.stdout
    sh("docker cp - box:/etc", archive)
    assert "A /etc/file\n" in sh("docker diff box")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("cp a b", "must specify at least one container source"),
        ("cp box:/a box:/b", "copying between containers is not supported"),
        ("cp nosuch box:/tmp", "lstat /nosuch: no such file or directory"),
        ("cp box:/nosuch .", "Error: No such container:path: box:/nosuch"),
        ("cp nosuch:/etc/motd .", "Error: No such container:path: nosuch:/etc/motd"),
        ("cp here/file box:/no/file", "Error: No such container:path: box:/no"),
        ("cp here/file box:/no/", "no such directory"),
        ("cp here/file box:/etc/motd/x", "Error response from daemon: extraction point is not a directory"),
        ("cp here box:/etc/motd", "cannot copy directory"),
        ("cp box:/etc/motd no/", "no such directory"),
        ("cp box:/etc/motd no/file", 'invalid output path: directory "/no" does not exist'),
        ("cp box:/etc here/file", "cannot copy directory"),
        ("cp - box:/nosuch", 'destination "box:/nosuch" must be a directory'),
    ],
)
def test_cp_is_refused_as_docker_does(sh, line, message):
    sh.world.write("here/file", [b"content"])
    sh("docker create --name box base:1")
    archive = run_line(sh.engine, "docker export box", world=sh.world).stdout
    assert sh.refused(f"docker {line}", archive) == (f"{message}\n", 1)


def test_build_reads_a_folder_and_prints_the_steps():
    shell = Shell({"app/Dockerfile": "FROM base:1\nCOPY a /a\nCMD cat /a\n", "app/a": "hello\n", "app/b": "left out"})
    shell.world.write("app/.dockerignore", [b"b\n"])
    printed = shell("docker build -t app app")
    assert printed.startswith("Sending build context to Docker daemon  4.096kB")
    assert printed.endswith("Successfully tagged app:latest\n")
    assert shell("docker run --rm app") == "hello\n"
    assert re.fullmatch("sha256:[0-9a-f]{64}\n", shell("docker build -q app"))
    assert shell("docker build -q -", b"FROM base:1\nCMD echo hi\n").startswith("sha256:")


@pytest.mark.parametrize(
    ("dockerfile", "message", "status"),
    [
        (
            "FROM base:1\nCOPPY a b",
            "Error response from daemon: dockerfile parse error line 2: unknown instruction: COPPY",
            1,
        ),
        ("# nothing", "Error response from daemon: failed to parse Dockerfile: file with no instructions", 1),
        ("FROM base:1\nRUN exit 3", "The command '/bin/sh -c exit 3' returned a non-zero code: 3", 3),
        ("FROM base:1\nCOPY nosuch /x", "COPY failed: file not found in build context or excluded by .dockerignore", 1),
    ],
)
def test_build_is_refused_as_docker_does(dockerfile, message, status):
    shell = Shell({"app/Dockerfile": dockerfile})
    errors, found = shell.refused("docker build app")
    assert message in errors
    assert found == status


def test_a_build_without_a_dockerfile_names_the_place(sh):
    assert sh.refused("docker build nosuch") == ('unable to prepare context: path "nosuch" not found\n', 1)
    sh.world.write("app/a", [b""])
    assert "lstat /app/Dockerfile: no such file or directory" in sh.refused("docker build app")[0]


def test_pull_and_push_print_lines(sh):
    lines = sh("docker pull greeter:1").splitlines()
    assert lines[0] == "1: Pulling from library/greeter"
    assert lines[-1] == "docker.io/library/greeter:1"
    sh("docker pull nosuch")
    assert sh.last.text == "Using default tag: latest\n"
    assert sh.last.errors.startswith("Error response from daemon: pull access denied for nosuch")
    sh("docker push nosuch")
    assert sh.last.text == "Using default tag: latest\nThe push refers to repository [docker.io/library/nosuch]\n"
    assert sh.last.errors == "An image does not exist locally with the tag: nosuch\n"


# The line itself


def test_the_engine_says_that_it_is_simulated(sh):
    assert "simulated" in sh("docker version")
    assert "simulated" in sh("docker info")
    assert sh("docker version -f {{.Server.Os}}") == "linux\n"
    assert sh("docker info -f '{{.Containers}} {{.Driver}}'") == "0 overlay2\n"


def test_help_is_on_standard_output_unless_nobody_asked_for_it(sh):
    assert sh("docker run --help").startswith("Usage:  docker run [OPTIONS] IMAGE")
    assert sh("docker network") == ""
    assert sh.last.errors.startswith("\nUsage:  docker network COMMAND")


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("docker ps | grep web", 2),
        ("docker ps 'open", 2),
        ("docker nosuch", 1),
        ("docker run --nosuch", 125),
        ("docker run", 1),
        ("docker rm \udcff", 1),
        ("docker run --rm base:1 cat /\udcff", 1),
        ("docker inspect " + "x" * 5000, 1),
    ],
)
def test_bad_lines_are_refused_in_words_and_change_nothing(sh, line, status):
    before = [dict(table) for name, table in sh.engine.store.tables.items() if name != "machine"]
    errors, found = sh.refused(line)
    assert errors
    assert found == status
    assert before == [dict(table) for name, table in sh.engine.store.tables.items() if name != "machine"]


def test_words_are_carried_out_as_lines_are(sh):
    outcome = carry_out(sh.engine, ["run", "--rm", "base:1", "echo", "a b"], world=sh.world)
    assert outcome.text == "a b\n"


@pytest.mark.parametrize(
    ("line", "reads"),
    [
        ("run -i base:1 sh", True),
        ("run -dit base:1 sh", False),
        ("exec -it web sh", True),
        ("run base:1 cat -i", False),
        ("load", True),
        ("load -i file", False),
        ("import -", True),
        ("cp - box:/", True),
        ("cp a box:/", False),
        ("volume prune", True),
        ("volume prune -f", False),
        ("build -", True),
        ("build -f - .", True),
        ("build .", False),
        ("nosuch", False),
    ],
)
def test_it_is_known_which_commands_read_their_input(line, reads):
    assert reads_input(line.split()) is reads


# What a person is to do next


@pytest.mark.parametrize("line", ["pull nosuch", "run nosuch", "pull base:9", "build -"])
def test_an_image_that_is_not_there_brings_the_names_of_those_that_are(sh, line):
    sh(line, b"FROM nosuch\n")
    assert sh.last.errors.endswith("\nDocker Hub is simulated here, with these images: base:1, greeter:1, greeter:2\n")


def test_of_a_real_registry_no_names_are_known(sh):
    assert "these images" not in sh.refused("pull localhost:1/nosuch")[0]


def test_a_plugin_of_docker_is_no_typing_mistake(sh):
    assert sh.refused("compose up")[0] == "docker compose is a command of docker that is not simulated here\n"


def test_the_version_is_one_line(sh):
    assert sh("docker -v") == sh("docker --version") == "Docker version 20.10.24, simulated by Layer by Layer\n"


def test_output_and_errors_keep_their_order(sh):
    sh("docker run --name box base:1 sh -c 'echo one; echo two >&2; echo three'")
    assert sh.last.in_turn == ((1, b"one\n"), (2, b"two\n"), (1, b"three\n"))
    sh("docker logs box")
    assert sh.last.in_turn == ((1, b"one\n"), (2, b"two\n"), (1, b"three\n"))


@pytest.mark.parametrize("option", ["-v /site:/data", "--mount type=bind,source=/site,target=/data"])
def test_that_a_host_s_directory_is_a_simulated_one_is_told(option):
    sh = Shell({"/site/index.html": b"hello"})
    sh("docker run --rm -v /site:/data base:1 true")
    sh(f"docker run --rm {option} base:1 ls /data")
    assert sh.last.text == ""
    assert sh.last.errors.startswith("The host is simulated too: its /site holds none of this machine's files.")
    sh("docker run --rm -v /elsewhere:/data base:1 true")
    assert sh.last.errors == ""

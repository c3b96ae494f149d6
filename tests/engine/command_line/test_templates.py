"""Templates give what docker's own give, and are refused in its words."""

import json
import tarfile

import pytest
from docker_client import engine

from course.engine.command_line.go_values import NO_LIST, Struct, described
from course.engine.command_line.template_tokens import TemplateError
from course.engine.command_line.templates import Template

PREFIX = "template parsing error: "

# what docker inspect -f makes of each is what we make of the JSON that it prints
INSPECTED = r"""
{{.Nope}}
{{.State.Nope}}
{{.Config.Labels.Nope}}
{{.Config.Labels.x.y}}
{{.Name
{{.Name}} {{
{{json .Config.Labels}}
{{json .}}
{{json .State.Running}} {{json 3}}{{json nil}}{{json "<a>&"}}
{{.Config.Labels}} {{.Config.Env}} {{.State}} {{.Mounts}}
{{.Config.Healthcheck}}|{{.State.Health}}|{{json .State.Health}}|{{.SizeRw}}
{{.HostConfig.PidsLimit}}|{{.HostConfig.Init}}
{{.Config.Volumes}} {{.HostConfig.Links}} {{.Config.Entrypoint}} {{json .Config.Entrypoint}} {{.NetworkSettings.Ports}}
{{.State.Health.Status}}
{{.HostConfig.Binds}} {{.HostConfig.Memory}} {{.HostConfig.RestartPolicy}}
{{len .Mounts}} {{len .Name}} {{len .Config.Labels}}
{{len 3}}
{{len}}
{{range .Mounts}}{{.Destination}} {{end}}
{{range $i, $m := .Mounts}}{{$i}}={{$m.Name}}{{end}}
{{range $i := .Config.Env}}{{$i}}{{end}}
{{range $k, $v := .Config.Labels}}{{$k}}={{$v}};{{end}}
{{range .Config.Env}}{{println .}}{{else}}none{{end}}
{{range .HostConfig.Dns}}{{.}}{{else}}none{{end}}
{{range .Name}}{{end}}
{{range 3}}{{end}}
{{range .Mounts}}{{$.Name}}{{end}}
{{index .Config.Labels "k"}}|{{index .Config.Labels "no"}}|{{index .Config.Env 0}}
{{index .Mounts 0 "Name"}}
{{index .Config.Env 9}}
{{index .Mounts 5}}
{{index .Config.Labels 3}}
{{index 3 1}}
{{index .Name 0}} {{index .State "ExitCode"}} {{(index .Mounts 0).Name}} {{index .Config.Labels}} {{index . "Name"}}
{{join .Config.Env ","}} {{join (split "a-b" "-") "+"}}
{{join "a" ","}}
{{upper .Name}} {{lower "ABC"}} {{title "abc def"}} {{title .State.Status}}
{{lower 3}}
{{truncate .Id 5}} {{truncate "abc" 9}} {{slice .Id 0 12}} {{slice "abc" 1}} {{slice .Config.Cmd 0 1}}
{{slice .Id 0 999}}
{{slice 3 1}}
{{truncate .Name}}
{{split "a,b" ","}} {{split "a" "b" | json}}
{{pad "a" 2 3}}|{{pad "" 2 3}}|
{{html "<a>"}} {{urlquery "a b"}} {{js "a'b"}} {{print 1 2 "x" 3}} {{print "a" "b" 1 2 true}} {{println "a" 1}}
{{html .Name .Id}}
{{printf "%s %d %v %q %5d|%-5s|%05d|%x|%t|%.2f|%T" .Name 3 .Config.Labels "a" 7 "b" 7 255 true 1.5 3}}
{{printf "%-10s|%10s|%+d|%x|%X|% x|%c|%U|%o|%b|%e|%g" "a" "b" 3 "hi" 255 "hi" 65 65 8 5 1.5 1.5}}
{{printf "%08.3f|%6.2f" 3.14159 2.5}}
{{printf "%d" "a"}}{{printf "%s"}}{{printf "%d" 1 2}}{{printf "%s" 3}}{{printf "%z" 3}}{{printf "%"}}{{printf "%t" 3}}
{{printf "%v %v" nil .Config.Cmd}} {{printf "%q" .Config.Cmd}} {{printf "%v %v" true 1.0}} {{printf "%6.2f%%" 3.14159}}
{{printf "%99999999d" 3}}{{printf "%s" nil}}{{printf "%d" nil}}{{printf "%x" "é"}}{{printf "%5t|%05s|%+d" true "a" -3}}
{{printf "%#x %#o %O %08b %+.1f %.3s|%q %q" 255 8 8 5 1.25 "abcdef" 65 "a\"b"}}
{{printf 3}}
{{printf "%20000000d" 1}}{{len (printf "%2000000d" 1)}}
{{len .Name | printf "%03d"}} {{"a" | printf "%s-%s" "b"}} {{.Name | printf "%s" | upper | lower}}
{{.Name | json}} {{.Config.Labels | json | upper}}
{{if .State.Running}}up{{else}}down{{end}}
{{if eq .State.Status "exited"}}E{{else if eq .State.Status "created"}}R{{else}}O{{end}}
{{if and .Name (not .State.Paused)}}y{{end}}{{if .State}}s{{end}}{{not .State}}{{if .Config.Labels}}l{{end}}
{{if .HostConfig.Dns}}d{{else if .Config.Env}}e{{end}}{{if 0}}{{else}}z{{end}}
{{with .Config}}{{.Image}}{{end}}{{with .State.Health}}h{{else}}n{{end}}{{with $x := .Name}}{{$x}}{{end}}
{{eq 1 1}}{{ne 1 2}}{{lt 1 2}}{{gt 2 1}}{{ge 1 1}}{{le 3 1}}{{and 1 0}}{{or 0 "a"}}{{not 0}}{{and 0 (index .Name 999)}}
{{eq .Name "x" "/c1"}}{{or .Config.Domainname "z"}}{{and .Name .Id 3}}{{eq true true}}
{{eq 1 "a"}}
{{eq 1.0 1}}
{{lt "a" 1}}
{{eq "a"}}
{{eq}}
{{ne 1 2 3}}
{{and}}
{{$x := .Name}}{{$x}}{{$x = "b"}}{{$x}}{{$.Name}}{{$ := 3}}
{{$x}}
{{/* c */}}x{{- /* a */ -}}  y
a {{- .Name -}} b {{.Name -}}  x{{""}}  {{- "y"}}
{{"\t"}}|{{`raw\n`}}|{{'a'}}|{{"é\u00e9\x41"}}
{{true}} {{1.5}} {{0x10}} {{1e3}} {{1.0}} {{1e30}} {{.1}} {{-3}} {{+3}} {{0b11}} {{0o7}} {{010}}
{{1_000}} {{1e20}} {{1e21}} {{0}}
{{nil}}
{{1x}}
{{'ab'}}
{{"a\qb"}}
{{"unterminated}}
{{`a
{{nope}}
{{.Name | nope}}
{{nope .x
{{end}}
{{else}}
{{.Name}}{{else}}
{{if .Name}}
{{if .Name}}a{{else}}b{{else}}c{{end}}
{{if .Name}}a{{end}}{{end}}
{{range}}{{end}}
{{if}}x{{end}}
{{if not}}{{end}}
{{}}
{{|}}
{{.Name|}}
{{1 | 2}}
{{.Name | .Id}}
{{.Name .Id}}
{{.Na me}}
{{.Name.}}
{{..}}
{{ . }
{{ .Name }
{{.Name}
{{#}}
{{.Name ! }}
{{(.Name}}
{{.Name)}}
{{((.Name))}}
{{.Name}}}}
}}
{{/* a
{{/* a */ }}
{{$x, $y := .Name}}
{{range $a, $b, $c := .Mounts}}{{end}}
{{.Config.Labels.k.b}}
{{.HostConfig.RestartPolicy.MaximumRetryCount.Fooooooooooooooo}}
json
a\tb\n
é {{.Nope}}
{{range $i, $e := .Config.Env}}{{if $i}}, {{end}}{{$e}}{{end}}
{{range .Config.Env}}{{if eq . "A=b"}}{{.}}{{end}}{{end}}
{{range $p, $conf := .NetworkSettings.Ports}} {{$p}} {{end}}{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}
{{.Name }} {{ .Config.Env | len }} {{ index .Args 0 }} {{.Path}} {{.RestartCount}} {{.Config.Tty}}
"""
TEMPLATES = INSPECTED.strip().split("\n")


@pytest.fixture(scope="module")
def docker(tmp_path_factory):
    folder = tmp_path_factory.mktemp("docker")
    with tarfile.open(folder / "empty.tar", "w"):
        pass
    with engine(folder) as ask:
        assert ask("import", "-c", "LABEL a=b", str(folder / "empty.tar"), "base:1")[1] == 0
        options = "--name c1 --label k=v -v vol1:/data -e A=b -m 64m --cpus 1.5".split()
        created = ask("create", *options, "base:1", "sh", "-c", 'echo "hello <world>"')
        assert created[1] == 0, created
        yield ask


@pytest.fixture(scope="module")
def document(docker):
    return json.loads(docker("inspect", "c1")[0])[0]


def rendered(template, value):
    status = 64
    try:
        read = Template(template)
        status = 1
        return read.render(value) + "\n", 0
    except TemplateError as error:
        return PREFIX + str(error) + "\n", status


@pytest.mark.linux
@pytest.mark.root
@pytest.mark.peer("docker", "dockerd", "runc")
@pytest.mark.parametrize("template", TEMPLATES)
def test_docker_inspect_prints_the_same(template, docker, document):
    text, status = docker("inspect", "-f", template, "c1")
    assert rendered(template, described(document)) == (text.removeprefix("\n") if status else text, status)


class Row(Struct):
    """A row of ``docker ps``, as its templates see it."""

    def __init__(self):
        labels = {"k": "v"}
        fields = {"ID": "237995fafc5e", "Names": "c3", "Image": "<none>", "Label": lambda name: labels.get(name, "")}
        super().__init__(fields, "*formatter.ContainerContext")


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{.Names}}\t{{.ID}}", "c3\t237995fafc5e"),
        ("{{json .}}", r'{"ID":"237995fafc5e","Image":"\u003cnone\u003e","Names":"c3"}'),
        ("{{json .Image}}", '"<none>"'),
        ('{{.Label "k"}}-{{.Label "x"}}', "v-"),
        ('{{"k" | .Label}}', "v"),
    ],
)
def test_a_row_of_a_table_has_fields_and_methods(template, text):
    assert Template(template).render(Row()) == text


@pytest.mark.parametrize(
    ("template", "message"),
    [
        (
            "{{.No}}",
            'template: :1:2: executing "" at <.No>: can\'t evaluate field No in type *formatter.ContainerContext',
        ),
        ("table {{.ID.x}}", 'template: :1:11: executing "" at <.ID.x>: can\'t evaluate field x in type string'),
        ('{{.Names "k"}}', 'template: :1:2: executing "" at <.Names>: Names is not a method but has arguments'),
        ("{{.Label}}", 'template: :1:2: executing "" at <.Label>: wrong number of args for Label: want 1 got 0'),
        (
            "{{range .}}{{end}}",
            'template: :1:8: executing "" at <.>: range can\'t iterate over {237995fafc5e c3 <none>}',
        ),
    ],
)
def test_a_row_refuses_what_it_has_not(template, message):
    with pytest.raises(TemplateError) as caught:
        Template(template).render(Row())
    assert str(caught.value) == message


def test_a_template_has_a_name_in_its_errors():
    with pytest.raises(TemplateError, match=r'template: version:1:2: executing "version" at <\.x>'):
        Template("{{.x}}", "version").render(Row())


def test_an_error_counts_lines_and_bytes():
    with pytest.raises(TemplateError, match=r"template: :2:2: executing"):
        Template("é\n{{.Nope}}").render(Row())
    with pytest.raises(TemplateError, match=r"template: :2: unclosed action"):
        Template("a\n{{.Nope")


HOSTILE = [
    "{{" + "(" * 5000 + ".A" + ")" * 5000 + "}}",
    "{{if .A}}" * 5000 + "{{end}}" * 5000,
    "{{if .A}}x{{else if .B}}" * 500,
    "{{" + ".A" * 5000 + "}}",
    "{{" + "(.A)|" * 2000 + "printf}}",
    '{{pad "a" 99999999999 1}}',
    '{{printf "%999999999999d" 1}}',
    '{{printf "%' + "9" * 5000 + 'd" 1}}',
    "{{" + "9" * 5000 + "}}",
    "{{1e999999999}}",
    "{{.\udcff}}",
    "{{\udcff}}",
    '{{"\udcff"}}',
    "{{\0}}",
    "{{$\udcff}}",
    '{{printf "%c%q" -1 99999999999}}',
    '{{"\\xff"}}',
    '{{truncate "abc" -1}}',
    "{{/*",
    "{{-",
    "{{- ",
    '{{index .A "a" "b"}}',
    '{{slice "abc" 3 1}}',
    '{{slice "abc" 1 2 3}}',
    '{{slice "abc" true}}',
    "{{template}}",
    "{{break}}",
    '{{define "x"}}{{end}}',
    "{{if}}{{else if}}{{end}}",
    '{{printf "%*d" 3 4}}',
    '{{printf "%[1]d" 3}}',
    "{{len nil}}",
    "{{not}}",
    "{{true.A}}",
    "{{len.A}}",
    "{{.A}}{{",
    "{{$x := }}",
    "{{$x}}",
    "{{$ = 3}}",
    "{{,}}",
    "{{=}}",
    "{{range $x = .A}}{{end}}",
    '{{"\\777"}}',
    '{{"\\U00110000"}}',
    '{{"\\ud800"}}',
    "{{lt nil 1}}",
    "{{ge html nil}}",
    '{{join .Nil ","}}',
    "{{json .A.B.C}}",
    "{{print nil}}",
    "{{index nil 1}}",
    "{{slice nil}}",
    '{{printf "%.999999d" 1}}',
    '{{printf "%.99f" 1.5}}',
    '{{printf "%-05d|% d|%+q|%x" 1 2 "é" -255}}',
    "{{join nil nil}}",
    "{{eq .A .B nil}}",
]


@pytest.mark.parametrize("template", HOSTILE)
def test_a_hostile_template_gives_text_or_one_error(template):
    try:
        text = Template(template).render({"A": "a", "Nil": NO_LIST})
    except TemplateError as error:
        text = str(error)
    assert len(text) < 10_000_000

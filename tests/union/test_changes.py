"""What a layer adds, changes and hides."""

from hypothesis import given
from test_view import random_layers

from course.layers.entry import directory, file
from course.layers.layer import Layer
from course.union.changes import changes
from course.union.view import UnionView

BASE = Layer.of({"/etc/motd": "12345", "/etc/ssl/key": "123", "/bin/sh": "1"})


def top(*layer):
    return changes([BASE, Layer.of(*layer, parent=BASE)])[1]


def test_the_lowest_layer_adds_all_it_has():
    assert changes([BASE])[0].added == ("/bin", "/bin/sh", "/etc", "/etc/motd", "/etc/ssl", "/etc/ssl/key")


def test_a_directory_that_only_holds_a_change_is_no_change():
    assert top({"/etc/new": ""}).changed == ()
    assert top({"/etc": directory(0o755, mtime_ns=5), "/etc/new": ""}).changed == ()
    assert top({"/etc": directory(0o700)}).changed == ("/etc",)


def test_a_file_brought_again_is_changed_and_its_old_bytes_are_carried_in_vain():
    found = top({"/etc/motd": "12345"})
    assert found.changed == ("/etc/motd",)
    assert found.hidden_size == 5


def test_a_whiteout_hides_the_whole_tree_below_it():
    found = top({}, ["/etc"])
    assert found.hidden == ("/etc", "/etc/motd", "/etc/ssl", "/etc/ssl/key")
    assert found.hidden_size == 8


def test_a_whiteout_of_nothing_hides_nothing():
    assert top({}, ["/nothing"]).hidden == ()


def test_a_file_in_place_of_a_directory_hides_what_was_in_it():
    found = top({"/etc/ssl": file("now a file")})
    assert (found.changed, found.hidden) == (("/etc/ssl",), ("/etc/ssl/key",))


@given(random_layers())
def test_hidden_is_exactly_what_was_there_and_is_no_more(layers):
    views = [UnionView(layers[:number]) for number in range(len(layers) + 1)]
    for number, found in enumerate(changes(layers)):
        before, after = ({path for path, _ in view.walk()} for view in views[number : number + 2])
        assert set(found.hidden) == before - after
        assert after - before <= {*found.added, *layers[number].implied}

"""What BuildKit keeps between builds takes room, and goes with a prune."""

from course.engine.engine import Engine
from course.layers.layer import Layer
from course.layers.small_image import small_images

CONTEXT = Layer.of({"/Dockerfile": "FROM base:1\nRUN echo 12345 > /one\nRUN rm /one\n"})


def used(engine):
    usage = next(usage for usage in engine.system_df() if usage.kind == "Build Cache")
    return usage.total, usage.active, usage.size, usage.reclaimable


def built():
    engine = Engine(seed=0)
    engine.load(list(small_images().values()))
    engine.build(CONTEXT, tag=["app"], builder="buildkit")
    return engine


def test_the_build_cache_is_in_use_while_an_image_has_its_layers():
    engine = built()
    assert used(engine) == (2, 2, 6, 0)
    assert engine.system_prune().cache == ()
    engine.rmi("app")
    assert used(engine) == (2, 0, 6, 6)
    done = engine.system_prune()
    assert (len(done.cache), done.reclaimed) == (2, 6)
    assert used(engine) == (0, 0, 0, 0)
    engine.undo()
    assert used(engine) == (2, 0, 6, 6)


def test_with_all_the_whole_build_cache_goes():
    engine = built()
    engine.create("app", name="box")
    assert len(engine.system_prune(all=True).cache) == 2


def test_the_classic_builder_s_cache_is_its_images():
    engine = built()
    engine.build(CONTEXT, builder="classic")
    assert used(engine)[0] == 2

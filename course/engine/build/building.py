"""``docker build``: an image from a Dockerfile and the files beside it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from course.engine.base import command
from course.engine.build.classic import ClassicBuild
from course.engine.build.request import Request, parsed
from course.engine.build.solving import GraphBuild
from course.engine.build.steps import Built
from course.engine.records import StoredImage
from course.engine.registries import Registries
from course.errors import DockerError
from course.layers.layer import Layer

T = TypeVar("T")


class Building(Registries):
    """Builds images."""

    @command
    def build(
        self,
        context: Layer,
        *,
        tag: Sequence[str] = (),
        file: str = "Dockerfile",
        dockerfile: str | None = None,
        build_arg: Mapping[str, str] | None = None,
        label: Mapping[str, str] | None = None,
        target: str = "",
        no_cache: bool = False,
        pull: bool = False,  # which is seen to before
        squash: bool = False,
        builder: str = "classic",
        refused: Mapping[str, str] | None = None,
    ) -> Built:
        """Build an image from ``context`` (Layer: ``context_from_folder`` makes one); return what came of it (Built).

        ``file`` is the Dockerfile's path in the context (str), or else ``dockerfile`` is its text (str).  ``tag`` are
        the image's names (sequence of str), ``build_arg`` and ``label`` map names to values (str to str), ``target`` is
        the stage to build (str).  ``builder`` is who builds: ``classic``, as docker 20.10, or ``buildkit``.  Images
        that are not here are pulled before; ``refused`` says why one could not be (mapping of name to str).

        Raises DockerError.  Once docker has said something, the error's ``done`` holds it (one Built); what was built
        until then stays.  Rule: Dockerfile reference; moby, builder/dockerfile; buildkit, frontend/dockerfile and
        solver.

        >>> from course.engine.engine import Engine
        >>> engine = Engine(seed=0)
        >>> text = "FROM base:1\\nCOPY a /\\nRUN cat a\\nCMD cat a\\n"
        >>> built = engine.build(Layer.of({"a": "hello\\n"}), dockerfile=text, tag=["greeting"])
        >>> built.steps[2].output, engine.run("greeting").stdout
        ('hello\\n', b'hello\\n')
        >>> engine.build(Layer.of({"a": "hello\\n"}), dockerfile=text).hits
        (True, True, True)
        """
        request = Request(
            file,
            tuple(tag),
            dict(build_arg or {}),
            dict(label or {}),
            target,
            no_cache,
            squash,
            dict(refused or {}),
            builder == "buildkit",
        )
        names, (source, read) = request.names(), parsed(context, request, dockerfile)
        stages = request.wanted(read, source)
        if request.buildkit:
            return GraphBuild(self, read, context, request, source).build(len(stages) - 1, names)
        return ClassicBuild(self, read, context, request).build(stages, names)

    def _carry_out(self, method: Callable[..., T], args: tuple[Any, ...], options: dict[str, Any]) -> T:
        if method.__name__ == "build" and not options.get("refused"):
            refused = self._fetch(*args, **options)
            options = {**options, "refused": refused} if refused else options
        return super()._carry_out(method, args, options)

    def _fetch(self, context: Layer, **options: Any) -> dict[str, str]:
        """Pull the images that a build needs and that are not here; return why some could not be (dict)."""
        request = Request(
            options.get("file", "Dockerfile"),
            build_arg=options.get("build_arg") or {},
            buildkit=options.get("builder") == "buildkit",
        )
        _source, read = parsed(context, request, options.get("dockerfile"))
        refused = {}
        for name in request.images(read):
            try:
                if options.get("pull") or self.find_image(name) is None:
                    self.pull(name)
            except DockerError as error:
                refused[name] = str(error)
        return refused

    def image_to_build_on(self, name: str, request: Request) -> StoredImage:
        """Return the image ``name`` (str), which was pulled before (StoredImage).  Raises DockerError: it was not."""
        if name in request.refused:
            raise DockerError(request.refused[name])
        return self.image(name)

"""Where the course's own notebooks and exercises lie: in the checkout, or inside the installed package."""

from pathlib import Path

from course.errors import CourseError
from course.words import _

PACKAGE = Path(__file__).parent


def shipped_folder() -> Path:
    """Return the folder (Path) that holds ``notebooks/`` and ``exercises/``.  Raises CourseError: there is none."""
    for folder in (PACKAGE.parent, PACKAGE / "share"):
        if (folder / "notebooks").is_dir() and (folder / "exercises").is_dir():
            return folder
    raise CourseError(
        _("the notebooks and exercises are missing beside {package}; install the course again.").format(package=PACKAGE)
    )

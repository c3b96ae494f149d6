"""Tags: which ones a repository in a registry has."""

from course.errors import InvalidDocument, LimitExceeded, RegistryError
from course.layers.document import field, read_document
from course.layers.reference import Reference
from course.transport.registry.addresses import checked_url, origin
from course.transport.registry.authentication import Credentials
from course.transport.registry.client import Registry
from course.words import _

MOST_PAGES = 100


def tags(reference: Reference, credentials: Credentials | None = None) -> list[str]:
    """Return the tags (list of str) of the repository that ``reference`` (Reference) names, in the registry's order.

    Raises RegistryError and its kin; InvalidDocument; LimitExceeded.  Rule: distribution-spec, "Listing Tags".
    """
    found: list[str] = []
    with Registry(reference.tagged, credentials) as registry:
        url = f"{registry.repository}/tags/list"
        for _page in range(MOST_PAGES):
            with registry.answer("GET", url, (200,)) as response:
                where = f"{reference.familiar_name}, tags"
                names = field(read_document(registry.document(response, where), where), "tags", list, where)
                following = response.links.get("next", {}).get("url", "")
            if not all(isinstance(name, str) for name in names):
                raise InvalidDocument(_("{where}: has a tag that is no text.").format(where=where))
            found += names
            if not following:
                return found
            url = checked_url(following, url)
            if origin(url) != origin(registry.base):
                raise RegistryError(
                    _("{where}: the list goes on at '{url}', another host.").format(where=where, url=url)
                )
    raise LimitExceeded(_("{where}: the list has more than {limit} pages.").format(where=where, limit=MOST_PAGES))

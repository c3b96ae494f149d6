"""Names and ids that nobody chose: the same for the same seed, so that a notebook prints the same on every run."""

from hashlib import sha256

LEFT = (
    "amber bold brave bright calm clever cosy curious daring deft eager early fancy fond gentle glad golden happy "
    "hardy honest humble jolly keen kind lively lucid lucky merry mild modest neat nimble noble patient placid plucky "
    "polite proud quick quiet ready serene sharp shiny silent smart snug steady sunny swift tidy vivid warm wise witty "
    "young zesty"
).split()

RIGHT = (
    "abel agnesi apgar babbage banzhaf bell bose boole cantor carson cerf chandra curie dijkstra dirac easley elion "
    "euclid euler faraday feynman floyd franklin galois gauss germain goldberg hamilton haslett hawking hodgkin hopper "
    "hypatia jemison johnson kepler knuth kovalevskaya lamarr leavitt liskov lovelace mahavira maxwell meitner mendel "
    "mirzakhani moser napier noether nobel pascal pasteur perlman planck ramanujan ritchie rubin sammet shannon shaw "
    "sinoussi spence stallman stroustrup swirles tesla thompson torvalds turing villani wescoff wiles williams wing wu "
    "yalow yonath"
).split()


def identifier(seed: int, number: int) -> str:
    """Return an id (str, 64 hexadecimal digits): the ``number``-th (int) of ``seed`` (int).

    >>> identifier(0, 1)[:12], identifier(0, 2)[:12], identifier(1, 1)[:12]
    ('a93875fe509a', '9dc6366a2003', '253d950f11eb')
    """
    return sha256(f"{seed}/{number}".encode()).hexdigest()


def name(identity: str, attempt: int = 0) -> str:
    """Return a name as docker gives one to a container without (str): of its id (str), with a number if it is taken.

    ``attempt`` is how many were taken already (int).  Rule: moby, pkg/namesgenerator.

    >>> name(64 * "0"), name(64 * "0", attempt=1)
    ('neat_jemison', 'neat_jemison1')
    """
    number = int(sha256(identity.encode()).hexdigest(), 16)
    chosen = f"{LEFT[number % len(LEFT)]}_{RIGHT[number // len(LEFT) % len(RIGHT)]}"
    return f"{chosen}{attempt}" if attempt else chosen

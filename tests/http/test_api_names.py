# SPDX-License-Identifier: MIT
"""Names: one owner for each normal form, none for what is taken for another's. More than 200 pairs, each
published one after the other, with what becomes of the second."""

import concurrent.futures
import itertools

import pytest

from support.access import make_token, publish

PUBLISH = ["publish:new", "publish:update", "group:publish"]

# Stems without a letter or separator that could be taken for another.
STEMS = ["tracker", "basket", "quartz", "magnet", "sunbeam", "thunder"]


def same_forms():
    """Other spellings of the same name: the second publish is another release of the first."""
    for stem in STEMS:
        first = f"{stem}-two-parts"
        for second in (f"{stem}_two_parts", f"{stem}.two.parts", f"{stem}--two-parts", f"{stem}-_two.-parts",
                       f"{stem.upper()}-Two-Parts", f"{stem.title()}_TWO.parts"):
            yield first, second, "same"


def confusable_forms():
    """Names that people take for one another: the second is refused."""
    for stem in STEMS:
        for first, second in (
                (f"{stem}-one", f"{stem}one"), (f"{stem}-a-b", f"{stem}-ab"), (f"{stem}-c-d", f"{stem}c-d"),
                (f"{stem}-mono", f"{stem}-m0n0"), (f"{stem}-pool", f"{stem}-poo1"),
                (f"{stem}-mill", f"{stem}-m1ll"), (f"{stem}-fill", f"{stem}-flll"),
                (f"{stem}-ship", f"{stem}-sh1p"), (f"{stem}-skip", f"{stem}-sklp"),
                (f"{stem}-go2go", f"{stem}-g02g0"), (f"{stem}-x0", f"{stem}-xo"), (f"{stem}-y1", f"{stem}-yi"),
                (f"{stem}-z1", f"{stem}-zl"), (f"{stem}-hollow", f"{stem}-h0110w"),
                (f"{stem}-lint", f"{stem}-1int"), (f"{stem}-oil", f"{stem}011"),
                (f"{stem}-1-0", f"{stem}-10"), (f"{stem}-v-l", f"{stem}_V1"), (f"{stem}-dial", f"{stem}.D1AL"),
                (f"{stem}-tool-kit", f"{stem}-toolkit"), (f"{stem}-rn", f"{stem}-m"),
                (f"{stem}-modern", f"{stem}-modem"), (f"{stem}-r-n-x", f"{stem}-mx"),
                (f"{stem}-vv", f"{stem}-w"), (f"{stem}-savvy", f"{stem}-sawy")):
            yield first, second, "taken"


def other_names():
    """Names that are near, and another all the same: both are published."""
    for stem in STEMS:
        for first, second in (
                (f"{stem}-alpha", f"{stem}-alphas"), (f"{stem}-beta", f"{stem}-betb"),
                (f"{stem}-v2", f"{stem}-v3"), (f"{stem}-nr", f"{stem}-mr"), (f"{stem}-v4", f"{stem}-w4"),
                (f"{stem}-sa", f"{stem}-5a"), (f"{stem}-cat", f"{stem}-tac"), (f"{stem}-bee", f"{stem}-be"),
                (f"{stem}-py", f"py-{stem}")):
            yield first, second, "other"


PAIRS = [*same_forms(), *confusable_forms(), *other_names()]


@pytest.fixture(scope="module")
def token(registry):
    return make_token(registry, "namers", PUBLISH, grant=True)


def test_there_are_enough():
    assert len(PAIRS) >= 200 and len({pair[:2] for pair in PAIRS}) == len(PAIRS)
    assert {verdict for _, _, verdict in PAIRS} == {"same", "taken", "other"}


@pytest.mark.parametrize("stem", STEMS)
def test_each_pair_ends_as_decided(registry, refused, token, stem):
    versions = (f"{number}.0" for number in itertools.count(1))
    for first, second, verdict in [pair for pair in PAIRS if stem in pair[0]]:
        assert publish(registry, token, first, next(versions)).status == 201, first
        answer = publish(registry, token, second, next(versions))
        if verdict == "taken":
            problem = refused(answer, 409, "conflict")
            assert problem["where"] == "/name" and first in problem["detail"], (first, second)
            assert registry.get(f"/v1/packages/{second}").status == 404
            continue
        assert answer.status == 201, (first, second, answer.body)
        shown = registry.get(f"/v1/packages/{second}").json
        assert (shown["name"] == registry.get(f"/v1/packages/{first}").json["name"]) == (verdict == "same")


@pytest.mark.parametrize("name", ["", "-a", "a-", "_a", "a b", "ä", "a/b", "a" * 101, "a\u200bb", "plug\u0456n",
                                  "a\u0000", ".", "..", "a%2Fb"])
def test_what_no_name_can_be(registry, token, name):
    answer = registry.put("/v1/packages/x/releases/1.0", {"name": name, "version": "1.0"}, token=token)
    assert answer.status in (400, 422)


def test_two_who_take_confusable_names_at_once(registry, token):
    """The database decides where two ask at the same time."""
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for number in range(20):
            names = [f"race{number}-oil", f"race{number}-0il", f"race{number}oil", f"race{number}-o1l"]
            statuses = sorted(answer.status for answer in
                              pool.map(lambda name: publish(registry, token, name), names))
            assert statuses == [201, 409, 409, 409]


def test_a_package_that_is_gone_from_lists_keeps_its_name(registry, refused, token):
    """Nothing is deleted: archived and quarantined names stay taken."""
    other = make_token(registry, "latecomers", PUBLISH)
    registry.put("/v1/grants/latecomers/publish:new/*", None, token=registry.admin_token)
    for name, to in (("finished-work", "archived"), ("locked-work", "quarantined")):
        assert publish(registry, token, name).status == 201
        assert registry.put(f"/v1/packages/{name}/status", {"status": to, "reason": "over"},
                            token=registry.admin_token).status == 200
        refused(publish(registry, other, name, "2.0"), 403, "forbidden")
        refused(publish(registry, other, name.replace("-", ""), "2.0"), 409, "conflict")
        refused(publish(registry, token, name, "2.0"), 409, "conflict")

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from simulator.store import Object, Store


def thing(id: str = "one", **changes: Any) -> Object:
    good: dict[str, Any] = {
        "kind": "thing",
        "account": "000000000000",
        "region": "us-east-1",
        "urn": f"urn-of-{id}",
        "run": "first",
        "properties": {"color": "red"},
        **changes,
    }
    return Object(id=id, **good)


@pytest.fixture
def store() -> Generator[Store]:
    with closing(Store(":memory:")) as store:
        yield store


def test_what_is_put_is_found_whole(store: Store) -> None:
    deep = thing(properties={"list": [1, 2.5, None, {"a": True}], "text": "ä\n"})
    store.put(deep)
    assert store.find("thing") == [deep]


def test_another_kind_is_not_found(store: Store) -> None:
    store.put(thing())
    assert store.find("other") == []


def test_things_are_found_by_their_properties_oldest_first(store: Store) -> None:
    one, two, three = thing("z"), thing("a", properties={"color": "blue"}), thing("m")
    for each in (one, two, three):
        store.put(each)
    assert store.find("thing") == [one, two, three]
    assert store.find("thing", color="red") == [one, three]
    assert store.find("thing", color="red", size=None) == [one, three]
    assert store.find("thing", color="red", size=1) == []


def test_putting_again_changes_the_properties_of_the_one_that_is_there(store: Store) -> None:
    first, second = thing("one"), thing("two")
    store.put(first)
    store.put(second)
    changed = replace(first, properties={"color": "green"})
    store.put(changed)
    assert store.find("thing") == [changed, second]


@pytest.mark.parametrize("elsewhere", [{"account": "000000000001"}, {"region": "eu-west-1"}, {"kind": "other"}])
def test_one_id_may_be_used_again_in_another_account_region_or_kind(store: Store, elsewhere: dict[str, str]) -> None:
    here, there = thing(), thing(properties={"color": "blue"}, **elsewhere)
    store.put(here)
    store.put(there)
    assert [each for kind in ("thing", "other") for each in store.find(kind)] == [here, there]
    store.remove(there)
    assert [each for kind in ("thing", "other") for each in store.find(kind)] == [here]


def test_a_number_is_not_used_twice_even_when_its_object_is_gone(store: Store) -> None:
    numbers = [store.next_number()]
    for name in ("one", "two"):
        store.put(thing(name))
        numbers.append(store.next_number())
        store.remove(thing(name))
        numbers.append(store.next_number())
    assert numbers == [1, 2, 2, 3, 3]


def test_the_store_survives_being_reopened(tmp_path: Path) -> None:
    file = tmp_path / "cloud.sqlite"
    with closing(Store(file)) as before:
        before.put(thing())
    with closing(Store(file)) as after:
        assert after.find("thing") == [thing()]
        assert after.next_number() == 2


def test_a_transaction_that_fails_leaves_nothing_behind(store: Store) -> None:
    def fail() -> None:
        with store.transaction():
            store.put(thing("lost"))
            store.remove(thing("kept"))
            raise LookupError

    store.put(thing("kept"))
    with pytest.raises(LookupError):
        fail()
    assert store.find("thing") == [thing("kept")]
    with store.transaction():
        store.put(thing("next"))
    assert store.find("thing") == [thing("kept"), thing("next")]


def _fill(store: Store, count: int) -> None:
    for _ in range(count):
        with store.transaction():
            store.put(thing(str(store.next_number())))


def test_threads_that_share_a_store_do_not_get_in_between_each_other(tmp_path: Path) -> None:
    with closing(Store(tmp_path / "cloud.sqlite")) as store:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(_fill, [store] * 8, [25] * 8))
        assert sorted(int(each.id) for each in store.find("thing")) == list(range(1, 201))


def test_stores_that_share_a_file_do_not_get_in_between_each_other(tmp_path: Path) -> None:
    def fill(_: int) -> None:
        with closing(Store(file)) as store:
            _fill(store, 25)

    file = tmp_path / "cloud.sqlite"
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(fill, range(4)))
    with closing(Store(file)) as store:
        assert sorted(int(each.id) for each in store.find("thing")) == list(range(1, 101))

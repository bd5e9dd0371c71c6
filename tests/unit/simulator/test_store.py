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
    fields: dict[str, Any] = {
        "kind": "thing",
        "account": "000000000000",
        "region": "us-east-1",
        "urn": f"urn-of-{id}",
        "run": "first",
        "properties": {"color": "red"},
        **changes,
    }
    return Object(id=id, **fields)


@pytest.fixture
def store() -> Generator[Store]:
    with closing(Store(":memory:")) as store:
        yield store


def test_a_stored_object_is_found_with_all_its_properties(store: Store) -> None:
    deep = thing(properties={"list": [1, 2.5, None, {"a": True}], "text": "ä\n"})
    store.put(deep)
    assert store.find("thing") == [deep]


def test_an_object_of_another_kind_is_not_found(store: Store) -> None:
    store.put(thing())
    assert store.find("other") == []


def test_objects_are_found_by_properties_oldest_first(store: Store) -> None:
    one, two, three = thing("z"), thing("a", properties={"color": "blue"}), thing("m")
    for each in (one, two, three):
        store.put(each)
    assert store.find("thing") == [one, two, three]
    assert store.find("thing", color="red") == [one, three]
    assert store.find("thing", color="red", size=None) == [one, three]
    assert store.find("thing", color="red", size=1) == []


def test_a_second_put_updates_the_properties_and_keeps_the_order(store: Store) -> None:
    first, second = thing("one"), thing("two")
    store.put(first)
    store.put(second)
    changed = replace(first, properties={"color": "green"})
    store.put(changed)
    assert store.find("thing") == [changed, second]


@pytest.mark.parametrize("other", [{"account": "000000000001"}, {"region": "eu-west-1"}, {"kind": "other"}])
def test_an_id_can_be_used_again_in_another_account_region_or_kind(store: Store, other: dict[str, str]) -> None:
    first, second = thing(), thing(properties={"color": "blue"}, **other)
    store.put(first)
    store.put(second)
    assert [each for kind in ("thing", "other") for each in store.find(kind)] == [first, second]
    store.remove(second)
    assert [each for kind in ("thing", "other") for each in store.find(kind)] == [first]


def test_the_number_of_a_removed_object_is_not_reused(store: Store) -> None:
    numbers = [store.next_number()]
    for name in ("one", "two"):
        store.put(thing(name))
        numbers.append(store.next_number())
        store.remove(thing(name))
        numbers.append(store.next_number())
    assert numbers == [1, 2, 2, 3, 3]


def test_objects_and_numbers_are_kept_when_the_store_is_reopened(tmp_path: Path) -> None:
    file = tmp_path / "cloud.sqlite"
    with closing(Store(file)) as before:
        before.put(thing())
    with closing(Store(file)) as after:
        assert after.find("thing") == [thing()]
        assert after.next_number() == 2


def test_a_failed_transaction_changes_nothing(store: Store) -> None:
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


def test_transactions_of_threads_that_share_a_store_are_isolated(tmp_path: Path) -> None:
    with closing(Store(tmp_path / "cloud.sqlite")) as store:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(_fill, [store] * 8, [25] * 8))
        assert sorted(int(each.id) for each in store.find("thing")) == list(range(1, 201))


def test_transactions_of_stores_that_share_a_file_are_isolated(tmp_path: Path) -> None:
    def fill(_: int) -> None:
        with closing(Store(file)) as store:
            _fill(store, 25)

    file = tmp_path / "cloud.sqlite"
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(fill, range(4)))
    with closing(Store(file)) as store:
        assert sorted(int(each.id) for each in store.find("thing")) == list(range(1, 101))

from app.items import is_id, new_id


def test_an_id_is_a_uuid_of_version_7() -> None:
    item_id = new_id(0x0123456789AB)
    assert is_id(item_id)
    assert item_id.startswith("01234567-89ab-7")
    assert item_id[19] in "89ab"


def test_ids_sort_by_time_and_never_repeat() -> None:
    assert new_id(1000) < new_id(1001)
    assert len({new_id(1000) for _ in range(1000)}) == 1000


def test_other_text_is_no_id() -> None:
    for text in ("", "1", "../etc", "0190163D-8694-739B-AEA5-966C26F8AD91", new_id() + "\n"):
        assert not is_id(text)

"""Ids of people: keyed, the same within a company, worthless without its key."""

import re

from exports import cleaned

from crmlab.clean.privacy import PUBLIC_KEY, hash_person, load_key

TICKETS = {"tickets.csv": "报修时间,故障现象,工程师\n2026-10-01,a,E1\n2026-10-02,b,Ｅ1 \n2026-10-03,c,E2\n"}


def engineers(done):
    return done.table("tickets")["engineer_id"].tolist()


def test_the_same_person_has_one_hash(tmp_path):
    first, second, third = engineers(cleaned(tmp_path, TICKETS))
    assert first == second != third
    assert re.fullmatch("[0-9a-f]{16}", first)


def test_a_simulated_company_uses_the_public_key(tmp_path):
    done = cleaned(tmp_path, TICKETS, "simulated: true")
    assert engineers(done)[0] == hash_person("E1", PUBLIC_KEY)
    assert not (tmp_path / "salt").exists()


def test_a_real_company_gets_its_own_key_on_first_use_and_keeps_it(tmp_path):
    first = cleaned(tmp_path, TICKETS)
    again = cleaned(tmp_path, TICKETS)
    assert engineers(first) == engineers(again)
    assert engineers(first)[0] != hash_person("E1", PUBLIC_KEY)
    assert (tmp_path / "salt").stat().st_mode & 0o077 == 0
    assert load_key(tmp_path / "other", simulated=False) != load_key(tmp_path / "salt", simulated=False)


def test_the_environment_can_hold_the_key(tmp_path, monkeypatch):
    monkeypatch.setenv("CRMLAB_SALT", "pepper")
    assert engineers(cleaned(tmp_path, TICKETS))[0] == hash_person("E1", "pepper")
    assert not (tmp_path / "salt").exists()

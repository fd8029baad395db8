"""What a header says of its cells."""

import pytest

from crmlab.clean.reading.headers import match, names_people
from crmlab.tables import CONTRACT

PEOPLE = """
opened_by sys_created_by sys_updated_by OpenedBy openedby Technician technician_id owner Owner_Name caller|User name|username|E-Mail|
Customer Address|Kontakt|Ansprechpartner|Tel.|Tel no.|WeChat|微信号|负责人|处理人|维修人|业务员|业务员编号|客户经理|维修人员|经办人|报修人|联系人姓名|手机|
身份证号|家庭住址|客户地址|Mobile no.|Last Name|assigned_to|sales rep
"""
NOBODY = """
order_id sys_mod_count sys_updated_at sys_created_at cost Cost|法人|法人名称|会员号|机器人编号|是否本人|人工费|员工数|IP address|MAC地址|hotel|hotel_name|
product full name|machine family name|standby|Telemetry|engineer_hours|owner_team|order by date|assignment_group|vendor|地区|经理人数
"""


def _listed(text):
    return [
        h.strip() for part in text.split("|") for h in (part.split() if "_" in part else [part]) if h.strip()
    ]


@pytest.mark.parametrize("header", _listed(PEOPLE))
def test_columns_about_people_are_known_by_their_headers(header):
    assert names_people(header)


@pytest.mark.parametrize("header", _listed(NOBODY))
def test_other_columns_are_kept(header):
    assert not names_people(header)


def test_a_column_of_the_contract_goes_first():
    matched = match(
        ["报修时间", "故障现象", "工程师", "负责人", "x", "opened_by"], CONTRACT["tickets"], file="t.csv"
    )
    assert matched.known["engineer_id"] == "工程师"
    assert matched.dropped == ["负责人", "opened_by"]
    assert list(matched.unknown.values()) == ["x"]

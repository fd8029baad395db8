"""What people write for crmlab is read and never written: it survives a run, and so an upgrade, byte for byte."""

import os
from pathlib import Path

from conftest import ROOT, STAGES, new_project, run_stage

from crmlab.clean.reading.plan import OWN

SRC = ROOT / "src/crmlab"
EDITED = {
    "mapping.yaml": "company: 实验公司\nsimulated: true\n",
    "README.md": "ours\r\n",
    "customer_aliases.csv": "raw_name,customer_id\r\n客户1号,客户1\r\n",
    "rules.py": "def tickets(df):\n    return df[df.customer_name != '测试']\n",
    "lexicon.yaml": (SRC / "faults/causes/lexicon.yaml").read_text() + "\n# ours\n",
    "topics.yaml": (SRC / "segments/behaviour/topics.yaml").read_text() + "\n# ours\n",
    "policy.csv": (SRC / "segments/use/policy.csv").read_text(),
    "effort.csv": (SRC / "segments/use/effort.csv").read_text().replace("Call before", "Ring before"),
    "type_labels.csv": "customer_name,type\n客户2,traditionalist\n",
}


def state(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.iterdir() if p.is_file()}


def test_every_file_that_people_edit_survives_a_run_of_every_stage(tmp_path):
    assert set(EDITED) == set(OWN), "a new file that people edit belongs here"
    project = new_project(tmp_path)
    folder = project.raw("demo")
    folder.mkdir(parents=True)
    rows = [
        f"2026-{1 + n % 9:02d}-{1 + n % 28:02d},{'开机无显' if n % 3 else '硬盘黄灯常亮'},{'内存损坏' if n % 2 else '主板故障'},"
        f"{'客户1号' if n % 50 == 1 else f'客户{n % 60}'}"
        for n in range(300)
    ]
    (folder / "tickets.csv").write_text("报修时间,故障现象,故障原因,客户名\n" + "\n".join(rows) + "\n")
    for name, text in EDITED.items():
        (folder / name).write_bytes(text.encode())
        os.utime(folder / name, (1_600_000_000, 1_600_000_000))
    before = state(folder)
    for stage in STAGES:
        run_stage(project, stage)
    assert state(folder) == before
    assert {p.name for p in folder.iterdir()} == {"tickets.csv", *EDITED}, (
        "and nothing is written beside them"
    )
    assert (project.processed("clean") / "effort.csv").read_bytes() == EDITED["effort.csv"].encode(), (
        "they were read"
    )

"""The logs of runs."""

from crmlab.run.log import KEPT, RunLog


def test_the_last_logs_stay(tmp_path):
    from datetime import datetime, timedelta

    for n in range(KEPT + 5):
        RunLog(tmp_path, datetime(2026, 1, 1) + timedelta(hours=n)).add("start")
    kept = sorted(p.name for p in tmp_path.glob("*.jsonl"))
    assert len(kept) == KEPT
    assert (kept[0], kept[-1]) == ("2026-01-01T05-00-00.jsonl", "2026-01-03T16-00-00.jsonl")


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path, capsys):
    from datetime import datetime

    (tmp_path / "logs").write_text("a file in its place")
    log = RunLog(tmp_path / "logs", datetime(2026, 1, 1))
    log.add("start")
    log.add("end")
    assert capsys.readouterr().err.count("cannot be written") == 1

"""The data contract: which tables a service company can export, their columns, and what each column means.

A column's *kind* says how its text is read and how it is stored:

========  =========================================  ===========================================
kind      read from                                  stored as
========  =========================================  ===========================================
id        any text, trimmed, full-width folded       text
person    the same, then replaced by a keyed hash    text (16 hex digits)
private   never kept                                 –
text      free text, scrubbed of phones and e-mails  text
label     a short text from a list that grows        text, trimmed and folded
choice    one of `choices`, in either language       text (the canonical choice)
date      a day, in any accepted form                date
time      a day or a moment                          timestamp, local wall time
money     an amount, in any accepted form            integer, smallest unit of the currency
count     a whole number                             integer
number    a number                                   double
flag      yes/no, 1/0, true/false, 是/否             boolean
========  =========================================  ===========================================

Headers match a column by its name, the names in `aliases`, or a line of mapping.yaml.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal[
    "id", "person", "private", "text", "label", "choice", "date", "time", "money", "count", "number", "flag"
]
Known = Literal["call", "dispatch", "visit", "closed", ""]
"""When a ticket's column is known; a model for the call may use only what is known at the call."""


@dataclass(frozen=True)
class Column:
    """One column of the contract: its name, how it is read, what it means, other headers it goes by."""

    name: str
    kind: Kind
    meaning: str
    aliases: tuple[str, ...] = ()
    required: bool = False
    available_at: Known = ""
    unit: str = ""
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """One table of the contract. `key` names one row; `derived` are columns that `clean` adds."""

    name: str
    zh: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    derived: tuple[Column, ...] = ()

    def column(self, name: str) -> Column:
        """The column called `name`."""
        return next(c for c in (*self.columns, *self.derived) if c.name == name)

    @property
    def kept(self) -> tuple[Column, ...]:
        """The columns of the clean table, in order: the exported ones that are kept, then the derived ones."""
        return tuple(c for c in self.columns if c.kind != "private") + self.derived


def _c(name: str, kind: Kind, meaning: str, *aliases: str, **more) -> Column:
    return Column(name, kind, meaning, aliases, **more)


_CUSTOMER = _c("customer_id", "id", "customer", "客户编号", "客户号", "客户代码", "customer", "client_id")
_CUSTOMER_NAME = _c(
    "customer_name",
    "label",
    "customer's name; stands in for customer_id",
    "客户名",
    "客户名称",
    "客户",
    "client",
)
_LEVEL = "service level bought: days a week * hours a day * response hours"

# One line per column: the contract is read as a table.
# fmt: off
TICKETS = Table(
    "tickets",
    "派单",
    "One row per call for repair.",
    ("ticket_id",),
    (
        _c("ticket_id", "id", "ticket; file:line where the export has none", "派单号", "工单号", "工单编号", "incident", "ticket", "ticket_no", available_at="call"),
        _c("reported_at", "time", "when the customer called", "报修时间", "报修日期", "opened_at", "created_at", required=True, available_at="call"),
        _c("symptom", "text", "what the customer says is wrong", "故障现象", "现象", "故障描述", "problem", "description", required=True, available_at="call"),
        _c("machine_model", "label", "model of the machine; its first four characters are its family", "机型", "型号", "model", available_at="call"),
        _c("serial_no", "id", "serial number of the machine", "序列号", "机器序列号", "serial", available_at="call"),
        Column(**{**_CUSTOMER.__dict__, "available_at": "call"}),
        Column(**{**_CUSTOMER_NAME.__dict__, "available_at": "call"}),
        _c("cause_actual", "label", "what was found broken; several are split", "故障原因", "原因", "实际原因", "cause", available_at="closed"),
        _c("cause_predicted", "label", "what remote support expected", "CAG诊断", "预测原因", "predicted_cause", available_at="dispatch"),
        _c("parts_requested", "label", "spare parts to carry", "要求携带备件", "携带备件", "parts", available_at="dispatch"),
        _c("service_level", "label", _LEVEL, "服务类别", "服务级别", "sla", available_at="call"),
        _c("branch", "label", "office that serves the site", "分公司", "办事处", "office", available_at="call"),
        _c("engineer_id", "person", "engineer on the ticket", "工程师", "engineer", "assigned_to", available_at="dispatch"),
        _c("dispatched_at", "time", "when the ticket was sent to an engineer", "派单时间", available_at="dispatch"),
        _c("appointed_at", "time", "when the visit was agreed for", "预约时间", available_at="dispatch"),
        _c("closed_at", "time", "when the repair was done", "完成时间", "关单时间", "resolved_at", available_at="closed"),
        _c("service_kind", "label", "repair, inspection, installation …", "服务类型", available_at="call"),
        _c("billing", "choice", "who pays", "收费方式", available_at="call", choices={"free": ("免费",), "warranty": ("保内", "保修"), "contract": ("合同", "维保"), "paid": ("收费", "付费")}),
        _c("channel", "label", "how the call came in", "报修渠道", "contact_type", available_at="call"),
        _c("priority", "label", "urgency given at the call", "优先级", "紧急程度", available_at="call"),
        _c("is_focus", "flag", "watched by management", "重点关注", available_at="call"),
        _c("contact", "private", "person at the customer", "联系人", "客户联系人", "caller_id"),
        _c("contact_phone", "private", "that person's phone", "联系电话", "电话", "phone"),
    ),
    (
        _c("machine_family", "label", "first four characters of the model", available_at="call"),
        _c("n_causes", "count", "causes recorded", available_at="closed"),
        _c("is_open", "flag", "no closing time was exported; an unreadable one does not make a ticket open", available_at="call"),
    ),
)

TICKET_CAUSES = Table(
    "ticket_causes",
    "派单故障原因",
    "One row per cause recorded on a ticket; made by `clean` from tickets.cause_actual.",
    ("ticket_id", "cause_no"),
    (),
    (_c("ticket_id", "id", "ticket"), _c("cause_no", "count", "1 for the first cause as written"), _c("cause", "label", "one cause, trimmed and folded")),
)

VISITS = Table(
    "visits",
    "上门记录",
    "One row per visit of an engineer.",
    ("ticket_id", "visit_no"),
    (
        _c("ticket_id", "id", "ticket", "派单号", "工单号", required=True),
        _c("visit_no", "count", "1 for the first visit", "上门次数", "次数"),
        _c("arrived_at", "time", "when the engineer arrived", "到达时间", "上门时间"),
        _c("left_at", "time", "when the engineer left", "离开时间"),
        _c("travel_min", "number", "travel there and back", "路程时间", unit="min"),
        _c("work_min", "number", "work on the machine", "工作时间", unit="min"),
        _c("talk_min", "number", "talk with the customer", "沟通时间", unit="min"),
        _c("distance_km", "number", "distance there and back", "里程", "公里数", unit="km"),
        _c("outcome", "choice", "whether the machine works", "结果", "处理结果", choices={"fixed": ("已修复", "修复"), "not_fixed": ("未修复",)}),
        _c(
            "repeat_reason",
            "choice",
            "why another visit is needed",
            "二次上门原因",
            choices={"no_part": ("无备件",), "wrong_part": ("备件错误",), "skill": ("技能",), "customer": ("客户原因",), "other": ("其他",)},
        ),
        _c("engineer_id", "person", "engineer", "工程师"),
        _c("signed", "flag", "the customer signed the service sheet", "客户签字"),
        _c("cost", "money", "cost of the visit", "费用", "成本"),
    ),
)

TICKET_PARTS = Table(
    "ticket_parts",
    "备件",
    "One row per part number carried on a visit.",
    ("ticket_id", "visit_no", "part_no"),
    (
        _c("ticket_id", "id", "ticket", "派单号", "工单号", required=True),
        _c("visit_no", "count", "visit", "上门次数", "次数"),
        _c("part_no", "id", "part number", "备件号", "备件编号"),
        _c("part_name", "label", "part", "备件名称", "备件"),
        _c("qty_carried", "count", "pieces carried", "携带数量"),
        _c("qty_used", "count", "pieces built in", "更换数量", "使用数量"),
        _c("unit_cost", "money", "cost of one piece", "单价"),
    ),
)

CUSTOMERS = Table(
    "customers",
    "客户档案",
    "One row per customer; those that only tickets or sales name are added with known = false.",
    ("customer_id",),
    (
        Column(**{**_CUSTOMER.__dict__, "required": True}),
        _CUSTOMER_NAME,
        _c("industry", "label", "line of business", "行业"),
        _c("region", "label", "region", "地区", "区域"),
        _c(
            "tier",
            "choice",
            "importance as the company sees it",
            "客户级别",
            "级别",
            choices={"vip": ("VIP",), "large": ("大", "大客户"), "medium": ("中", "中客户"), "small": ("一般", "小", "一般客户")},
        ),
        _c("created_at", "date", "first contact", "建档日期", "建档时间"),
        _c("parent_id", "id", "the customer it belongs to", "上级客户"),
    ),
    (_c("known", "flag", "the customer file has it"),),
)

MACHINES = Table(
    "machines",
    "装机档案",
    "One row per machine installed.",
    ("serial_no",),
    (
        _c("serial_no", "id", "serial number", "序列号", "机器序列号", required=True),
        _c("machine_model", "label", "model", "机型", "型号", required=True),
        Column(**{**_CUSTOMER.__dict__, "required": True}),
        _c("installed_at", "date", "installed", "装机日期", "安装日期"),
        _c("warranty_end", "date", "end of warranty", "保修截止", "保修到期"),
        _c("retired_at", "date", "taken out of service", "报废日期", "退役日期"),
        _c("firmware", "label", "firmware version", "微码版本"),
        _c("os_version", "label", "operating system", "操作系统"),
        _c("patch", "label", "patch level", "补丁"),
        _c("importance", "label", "what stops when it stops", "重要性级别"),
        _c("nonstandard_parts", "flag", "holds parts of other makers", "非标配"),
    ),
    (_c("machine_family", "label", "first four characters of the model"),),
)

CONTRACTS = Table(
    "contracts",
    "维保",
    "One row per term of a service contract; a renewal is a new term.",
    ("contract_id",),
    (
        _c("contract_id", "id", "contract term", "合同号", "合同编号", required=True),
        Column(**{**_CUSTOMER.__dict__, "required": True}),
        _c("start_at", "date", "first day", "开始日期", "起始日期", required=True),
        _c("end_at", "date", "last day", "结束日期", "到期日期", required=True),
        _c("amount", "money", "price of the term", "金额", "合同金额", required=True),
        _c("signed_at", "date", "signed", "签订日期"),
        _c("service_level", "label", _LEVEL, "服务类别", "服务级别"),
        _c("outcome", "choice", "what happened at its end", "续保结果", choices={"renewed": ("已续保", "续保"), "lost": ("流失", "未续保"), "open": ("执行中", "待续保")}),
        _c(
            "end_reason",
            "choice",
            "why it ended; moved, closed and merged are no churn",
            "终止原因",
            choices={"left": ("离开", "转投"), "moved": ("搬迁",), "closed": ("关闭", "倒闭"), "merged": ("合并",), "replaced": ("更换",)},
        ),
        _c("renewed_contract_id", "id", "the term that followed", "续保合同号"),
        _c("auto_renew", "flag", "renews unless cancelled", "自动续保"),
        _c("offered_amount", "money", "price offered for the next term", "续保报价"),
        _c("promise_response_min", "number", "promised response", "响应承诺", unit="min"),
        _c("promise_fix_min", "number", "promised repair", "修复承诺", unit="min"),
    ),
)

PRODUCTS = Table(
    "products",
    "产品目录",
    "One row per product sold.",
    ("product_id",),
    (
        _c("product_id", "id", "product", "产品编号", "产品", required=True),
        _c("series", "label", "series", "系列"),
        _c("category", "label", "category", "类别"),
        _c("list_price", "money", "list price", "目录价"),
        _c("launch_at", "date", "launched", "上市日期"),
        _c("end_of_support_at", "date", "support ends", "停止支持日期"),
        _c("generation", "count", "generation within its series", "代次"),
    ),
)

SALES = Table(
    "sales",
    "销售记录",
    "One row per invoice line; returns are negative.",
    ("sale_id",),
    (
        _c("order_id", "id", "order or invoice", "订单号", "发票号", "invoice"),
        _c("order_line", "count", "line of the order", "行号"),
        _c("sold_at", "time", "sold", "销售日期", "日期", "invoice_date", required=True),
        Column(**{**_CUSTOMER.__dict__, "required": True}),
        _CUSTOMER_NAME,
        _c("product_id", "id", "product", "产品", "产品编号", "sku"),
        _c("qty", "number", "pieces", "数量", "quantity"),
        _c("amount", "money", "price of the line", "金额", "销售额", required=True),
        _c("cost", "money", "what the line cost", "成本"),
        _c("margin", "money", "amount less cost", "毛利"),
        _c("list_price", "money", "list price of one piece", "目录价"),
        _c("unit_price", "money", "price of one piece", "单价"),
        _c("promo", "label", "promotion", "促销"),
        _c("rate", "number", "share of the list price taken off", "利率", "折扣率"),
        _c("channel", "label", "sales channel", "渠道"),
        _c("region", "label", "region", "地区"),
        _c("sales_rep_id", "person", "sales representative", "销售代表"),
        _c("line_kind", "choice", "what was sold", "类别", choices={"product": ("产品",), "service": ("服务",), "part": ("备件",), "contract": ("合同", "维保"), "other": ("其他",)}),
        _c("is_return", "flag", "goods came back", "退货"),
    ),
    (_c("sale_id", "id", "order-line, or file:line where the export has no such key"),),
)

# fmt: on

CONTRACT: dict[str, Table] = {
    t.name: t for t in (TICKETS, VISITS, TICKET_PARTS, CUSTOMERS, MACHINES, PRODUCTS, CONTRACTS, SALES)
}
"""The tables a company can export, by name."""

CLEAN: dict[str, Table] = {**CONTRACT, TICKET_CAUSES.name: TICKET_CAUSES}
"""The tables that `clean` writes, by name."""

_STORED = {
    "date": "datetime64[ms]",
    "time": "datetime64[us]",
    "money": "Int64",
    "count": "Int64",
    "number": "Float64",
    "flag": "boolean",
}


def conform(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """`frame` with exactly the columns of `table`, in its order and its stored types.

    Raises KeyError when a column of the contract is absent: a stage that forgets a column is a bug, not bad input.
    """
    import pandas as pd

    columns = {c.name: frame[c.name].astype(_STORED.get(c.kind, "string")) for c in table.kept}
    return pd.DataFrame(columns, index=frame.index)


def empty(table: Table) -> pd.DataFrame:
    """`table` without rows: what a stage writes when it lacks its input."""
    import pandas as pd

    return conform(pd.DataFrame({c.name: [] for c in table.kept}), table)


def as_markdown() -> str:
    """The whole contract as Markdown, one section per table: what `crmlab contract` prints and docs/data-contract.md holds."""
    parts = []
    for table in CLEAN.values():
        lines = [f"## {table.name} {table.zh}", "", f"{table.meaning} Key: {' + '.join(table.key)}.", ""]
        lines += ["| column | kind | also known as | meaning |", "|---|---|---|---|"]
        for column in (*table.columns, *table.derived):
            name = f"**{column.name}**" if column.required else column.name
            kind = f"{column.kind}, {column.unit}" if column.unit else column.kind
            if column.choices:
                kind += ": " + ", ".join(column.choices)
            origin = " *(added by clean)*" if column in table.derived else ""
            lines.append(f"| {name} | {kind} | {'、'.join(column.aliases)} | {column.meaning}{origin} |")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)

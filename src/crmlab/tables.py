"""The data contract: which tables a service company can export, their columns, and what each column means.

One line per column: its name, its kind (see columns.py), what it means, and the other headers it goes by. Headers match a column by its
name, these aliases, or a line of mapping.yaml.
"""

from __future__ import annotations

from crmlab.columns import Column, Table, conform, empty

__all__ = ["CLEAN", "CONTRACT", "Column", "Table", "as_markdown", "conform", "empty"]


def _c(name: str, kind: str, meaning: str, *aliases: str, **more) -> Column:
    return Column(name, kind, meaning, aliases, **more)


def _required(column: Column) -> Column:
    return Column(**{**column.__dict__, "required": True})


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
        _c("cause_actual", "label", "what was found broken; several are split", "故障原因", "原因", "实际原因", "cause", available_at="closed", known_on="closed_at"),
        _c("cause_predicted", "label", "what remote support expected", "CAG诊断", "预测原因", "predicted_cause", available_at="dispatch", known_on="dispatched_at"),
        _c("parts_requested", "label", "spare parts to carry", "要求携带备件", "携带备件", "parts", available_at="dispatch", known_on="dispatched_at"),
        _c("service_level", "label", _LEVEL, "服务类别", "服务级别", "sla", available_at="call"),
        _c("branch", "label", "office that serves the site", "分公司", "办事处", "office", available_at="call"),
        _c("engineer_id", "person", "engineer on the ticket", "工程师", "engineer", "assigned_to", available_at="dispatch", known_on="dispatched_at"),
        _c("dispatched_at", "time", "when the ticket was sent to an engineer", "派单时间", available_at="dispatch", known_on="dispatched_at"),
        _c("appointed_at", "time", "when the visit was agreed for", "预约时间", available_at="dispatch", known_on="dispatched_at"),
        _c("closed_at", "time", "when the repair was done", "完成时间", "关单时间", "resolved_at", available_at="closed", known_on="closed_at"),
        _c("promise_kept", "flag", "the desk's own word on its promise", "承诺达成", "是否达标", "made_sla", "sla_met", available_at="closed", known_on="closed_at"),
        _c("reopened", "count", "times the ticket was opened again", "重开次数", "reopen_count", available_at="closed", known_on="closed_at", not_negative=True),
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
    dated="reported_at",
    ordered=(("reported_at", "closed_at"),),
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
        _c("left_at", "time", "when the engineer left", "离开时间", known_on="left_at"),
        _c("travel_min", "number", "travel there and back", "路程时间", unit="min"),
        _c("work_min", "number", "work on the machine", "工作时间", unit="min", known_on="left_at"),
        _c("talk_min", "number", "talk with the customer", "沟通时间", unit="min", known_on="left_at"),
        _c("distance_km", "number", "distance there and back", "里程", "公里数", unit="km"),
        _c("outcome", "choice", "whether the machine works", "结果", "处理结果", choices={"fixed": ("已修复", "修复"), "not_fixed": ("未修复",)}, known_on="left_at"),
        _c(
            "repeat_reason",
            "choice",
            "why another visit is needed",
            "二次上门原因",
            choices={"no_part": ("无备件",), "wrong_part": ("备件错误",), "skill": ("技能",), "customer": ("客户原因",), "other": ("其他",)},
            known_on="left_at",
        ),
        _c("engineer_id", "person", "engineer", "工程师"),
        _c("signed", "flag", "the customer signed the service sheet", "客户签字", known_on="left_at"),
        _c("cost", "money", "cost of the visit", "费用", "成本", not_negative=True, known_on="left_at"),
    ),
    dated="arrived_at",
    ordered=(("arrived_at", "left_at"),),
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
        _c("unit_cost", "money", "cost of one piece", "单价", not_negative=True),
    ),
)

CUSTOMERS = Table(
    "customers",
    "客户档案",
    "One row per customer; those that only tickets or sales name are added with known = false.",
    ("customer_id",),
    (
        _required(_CUSTOMER),
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
    dated="created_at",
)

MACHINES = Table(
    "machines",
    "装机档案",
    "One row per machine installed.",
    ("serial_no",),
    (
        _c("serial_no", "id", "serial number", "序列号", "机器序列号", required=True),
        _c("machine_model", "label", "model", "机型", "型号", required=True),
        _required(_CUSTOMER),
        _c("installed_at", "date", "installed", "装机日期", "安装日期"),
        _c("warranty_end", "date", "end of warranty", "保修截止", "保修到期"),
        _c("retired_at", "date", "taken out of service", "报废日期", "退役日期", known_on="retired_at"),
        _c("firmware", "label", "firmware version", "微码版本"),
        _c("os_version", "label", "operating system", "操作系统"),
        _c("patch", "label", "patch level", "补丁"),
        _c("importance", "label", "what stops when it stops", "重要性级别"),
        _c("nonstandard_parts", "flag", "holds parts of other makers", "非标配"),
    ),
    (_c("machine_family", "label", "first four characters of the model"),),
    dated="installed_at",
    ordered=(("installed_at", "retired_at"),),
)

CONTRACTS = Table(
    "contracts",
    "维保",
    "One row per term of a service contract; a renewal is a new term.",
    ("contract_id",),
    (
        _c("contract_id", "id", "contract term", "合同号", "合同编号", required=True),
        _required(_CUSTOMER),
        _c("start_at", "date", "first day", "开始日期", "起始日期", required=True),
        _c("end_at", "date", "last day", "结束日期", "到期日期", required=True),
        _c("amount", "money", "price of the term", "金额", "合同金额", required=True, not_negative=True),
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
    also=("续保",),
    ordered=(("start_at", "end_at"),),
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
        _c("list_price", "money", "list price", "目录价", not_negative=True),
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
        _required(_CUSTOMER),
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
    dated="sold_at",
)

PARTS = Table(
    "parts",
    "备件目录",
    "One row per part number that can travel.",
    ("part_no",),
    (
        _c("part_no", "id", "part number", "备件号", "备件编号", required=True),
        _c("part_name", "label", "part", "备件名称", "备件"),
        _c("unit_cost", "money", "cost of one piece", "单价", "成本价", not_negative=True),
        _c("stock", "count", "pieces in stock", "库存", "库存数量"),
    ),
)

COMPLAINTS = Table(
    "complaints",
    "投诉",
    "One row per complaint, from its record to its end in up to eight steps.",
    ("complaint_id",),
    (
        _c("complaint_id", "id", "complaint", "投诉号", "投诉编号", "投诉单号", "complaint_no", required=True),
        _required(_CUSTOMER),
        _c("received_at", "time", "when it came in", "投诉时间", "投诉日期", "received", required=True),
        _c("text", "text", "what the customer says", "投诉内容", "内容", "complaint_text"),
        _c("kind", "choice", "what it is about", "投诉类型", "投诉类别", choices={"quality": ("质量", "商品质量"), "contract": ("合同", "购销合同"), "delivery": ("运输", "货物运输", "交货"), "service": ("服务",)}),
        _c("valid", "flag", "found to be justified", "是否成立", "是否属实", known_on="step_2_at"),
        _c("dept", "label", "department responsible", "责任部门", known_on="step_3_at"),
        _c("step_1_at", "time", "recorded", "记录时间", known_on="step_1_at"),
        _c("step_2_at", "time", "judged whether it is justified", "判定时间", known_on="step_2_at"),
        _c("step_3_at", "time", "department named", "转办时间", known_on="step_3_at"),
        _c("step_4_at", "time", "cause analysed", "分析时间", known_on="step_4_at"),
        _c("step_5_at", "time", "remedy proposed", "方案时间", known_on="step_5_at"),
        _c("step_6_at", "time", "remedy approved", "批示时间", known_on="step_6_at"),
        _c("step_7_at", "time", "remedy carried out", "实施时间", known_on="step_7_at"),
        _c("step_8_at", "time", "reviewed and closed", "评价时间", "总结时间", known_on="step_8_at"),
        _c("resolved_at", "time", "when the customer's matter was settled", "解决时间", "办结时间", known_on="resolved_at"),
        _c("compensation", "money", "paid to the customer", "赔偿金额", "赔偿", known_on="resolved_at", not_negative=True),
        _c("satisfied", "flag", "the customer is content with the end", "是否满意", known_on="resolved_at"),
        _c("ticket_id", "id", "ticket it is about", "派单号", "工单号"),
    ),
    dated="received_at",
    ordered=(("received_at", "resolved_at"),),
)

SURVEYS = Table(
    "surveys",
    "满意度",
    "One row per answer to one question.",
    ("survey_id", "item", "kind"),
    (
        _c("survey_id", "id", "questionnaire as one person filled it in", "问卷号", "问卷编号", "response_id"),
        _required(_CUSTOMER),
        _c("answered_at", "time", "when it was answered", "答卷时间", "填写时间", "调查日期", "submitted_at", required=True),
        _c("ticket_id", "id", "ticket it is about", "派单号", "工单号"),
        _c("item", "label", "question", "题目", "题号", "question", required=True),
        _c("dimension", "choice", "SERVQUAL dimension", "维度", choices={"tangibles": ("有形性",), "reliability": ("可靠性",), "responsiveness": ("响应性",), "assurance": ("保证性",), "empathy": ("移情性", "关怀性")}),
        _c("kind", "choice", "what was expected, or what was met", "类型", "期望或感知", choices={"expectation": ("期望",), "perception": ("感知", "实际")}),
        _c("score", "number", "answer", "分数", "得分", "评分", "rating", required=True, not_negative=True),
        _c("scale_max", "number", "best possible answer", "满分", "最高分", required=True),
        _c("comment", "text", "free text", "意见", "评语", "建议"),
    ),
    also=("满意度调查",),
    dated="answered_at",
    ordered=(("score", "scale_max"),),
)

INTERACTIONS = Table(
    "interactions",
    "回访",
    "One row per contact with a customer.",
    ("interaction_id",),
    (
        _required(_CUSTOMER),
        _c("at", "time", "when", "回访时间", "接触时间", "日期", "date", required=True),
        _c("channel", "label", "how", "方式", "回访方式", "渠道"),
        _c("purpose", "label", "what for", "目的", "回访目的", choices={"follow_up": ("回访",), "review": ("服务回顾", "回顾"), "inspection": ("巡检",), "lead": ("商机", "推介"), "training": ("培训",), "billing": ("账务", "对账")}),
        _c("message_key", "label", "which message was sent", "消息", "模板"),
        _c("answered", "flag", "the customer answered", "是否应答", "是否接通"),
        _c("cost", "money", "cost of the contact", "费用", "成本", not_negative=True),
    ),
    (_c("interaction_id", "id", "file:line, for exports do not number contacts"),),
    also=("接触",),
    dated="at",
)

PAYMENTS = Table(
    "payments",
    "回款",
    "One row per amount due; it may fall due after the day of the export.",
    ("payment_id",),
    (
        _c("payment_id", "id", "payment", "回款号", "付款编号", "invoice"),
        _required(_CUSTOMER),
        _c("amount", "money", "amount due", "金额", "应收金额"),
        _c("due_at", "date", "when it is due", "应付日期", "应收日期", "到期日", required=True),
        _c("paid_at", "date", "when it was paid", "付款日期", "回款日期", "到账日期", known_on="paid_at"),
    ),
    also=("付款",),
)

QUOTES = Table(
    "quotes",
    "报价",
    "One row per quotation.",
    ("quote_id",),
    (
        _c("quote_id", "id", "quotation", "报价号", "报价单号"),
        _required(_CUSTOMER),
        _c("quoted_at", "date", "when it was made", "报价日期", required=True),
        _c("amount", "money", "price offered", "金额", "报价金额", not_negative=True),
        _c("revisions", "count", "rounds of bargaining", "修改次数", "议价轮次", not_negative=True),
        _c("price_lock", "flag", "the customer asked for a fixed price over several years", "锁价", "锁定价格"),
    ),
    dated="quoted_at",
)

SERVICE_PLAN = Table(
    "service_plan",
    "年度支持计划",
    "One row per activity planned for a customer.",
    ("plan_id",),
    (
        _required(_CUSTOMER),
        _c("planned_for", "date", "when it is planned for", "计划日期", required=True),
        _c("activity", "label", "what", "活动", "计划内容", choices={"inspection": ("巡检",), "review": ("服务回顾",), "training": ("培训",), "firmware": ("微码升级",)}),
        _c("done_at", "date", "when it was done", "完成日期", "执行日期", known_on="done_at"),
    ),
    (_c("plan_id", "id", "file:line, for plans are not numbered"),),
)

OPPORTUNITIES = Table(
    "opportunities",
    "商机",
    "One row per chance to sell.",
    ("opportunity_id",),
    (
        _c("opportunity_id", "id", "opportunity", "商机号", "商机编号"),
        _required(_CUSTOMER),
        _c("opened_at", "date", "when it came up", "发现日期", "创建日期", required=True),
        _c("source", "label", "where it came from", "来源", choices={"engineer": ("工程师",), "sales": ("销售",), "quote": ("询价",), "campaign": ("活动",)}),
        _c("amount", "money", "what it is worth", "金额", "预计金额", not_negative=True),
        _c("won", "flag", "sold", "是否赢单", "是否成交", known_on="closed_at"),
        _c("closed_at", "date", "when it was decided", "关闭日期", "结案日期", known_on="closed_at"),
    ),
    dated="opened_at",
    ordered=(("opened_at", "closed_at"),),
)

WARRANTY_CLAIMS = Table(
    "warranty_claims",
    "保修索赔",
    "One row per claim on the maker's warranty.",
    ("claim_id",),
    (
        _c("claim_id", "id", "claim", "索赔号", "索赔单号"),
        _c("serial_no", "id", "serial number of the machine", "序列号", "机器序列号", required=True),
        _c("submitted_at", "date", "when it was handed in", "提交日期", "索赔日期", required=True),
        _c("part_no", "id", "part number", "备件号", "备件编号"),
        _c("approved", "flag", "granted", "是否批准", "是否通过"),
        _c("amount", "money", "amount claimed", "金额", "索赔金额", not_negative=True),
    ),
    dated="submitted_at",
)

# fmt: on

CONTRACT: dict[str, Table] = {
    table.name: table
    for table in (
        *(TICKETS, VISITS, TICKET_PARTS, CUSTOMERS, MACHINES, PRODUCTS, PARTS, CONTRACTS, SALES),
        *(COMPLAINTS, SURVEYS, INTERACTIONS, PAYMENTS, QUOTES, SERVICE_PLAN, OPPORTUNITIES, WARRANTY_CLAIMS),
    )
}
"""The tables a company can export, by name."""

CLEAN: dict[str, Table] = {**CONTRACT, TICKET_CAUSES.name: TICKET_CAUSES}
"""The tables that `clean` writes, by name."""


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

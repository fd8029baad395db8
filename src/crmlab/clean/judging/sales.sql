-- Pieces that come back (is_return, or a negative quantity where nothing says so) have negative quantities, amounts and costs. Of cost and
-- margin one follows from the other. A line goes by its order and line.
with signed as (
    select
        s.*,
        coalesce(s.is_return, s.qty < 0, false) as returned,
        case when coalesce(s.is_return, s.qty < 0, false) and s.amount > 0 then -1 else 1 end as sign
    from typed s
)
select
    s._row, s._file, s._line, s.unreadable,
    coalesce(
        s.fault,
        case
            when coalesce(s.line_kind, '') = 'other' or s.returned
                then null
            when s.amount < 0
                then 'amount: negative, but the line is no return'
            when s.qty < 0
                then 'qty: negative, but the line is no return'
        end
    ) as fault,
    s.order_id, s.order_line, s.sold_at, s.customer_id, s.customer_name, s.product_id,
    case when s.returned then -abs(s.qty) else s.qty end as qty,
    (s.sign * s.amount)::bigint as amount,
    coalesce(case when s.returned then -abs(s.cost) else s.cost end, s.sign * (s.amount - s.margin))::bigint as cost,
    (case
        when s.returned and s.sign * s.cost > 0 then s.sign * s.amount + abs(s.cost)
        else s.sign * coalesce(s.margin, s.amount - s.cost)
    end)::bigint as margin,
    s.list_price, s.unit_price, s.promo, s.rate, s.channel, s.region, s.sales_rep_id, s.line_kind,
    s.returned as is_return,
    s.order_id || '-' || s.order_line::varchar as sale_id
from signed s

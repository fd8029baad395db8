-- Pieces that come back (is_return, or a negative quantity where nothing says so) have negative quantities and amounts. Of cost and margin
-- one follows from the other. A line goes by its order and line.
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
            when s.amount < 0 and not s.returned and coalesce(s.line_kind, '') <> 'other'
                then 'amount: negative, but the line is no return'
        end
    ) as fault,
    s.order_id, s.order_line, s.sold_at, s.customer_id, s.customer_name, s.product_id,
    case when s.returned then -abs(s.qty) else s.qty end as qty,
    (s.sign * s.amount)::bigint as amount,
    (s.sign * coalesce(s.cost, s.amount - s.margin))::bigint as cost,
    (s.sign * coalesce(s.margin, s.amount - s.cost))::bigint as margin,
    s.list_price, s.unit_price, s.promo, s.rate, s.channel, s.region, s.sales_rep_id, s.line_kind,
    s.returned as is_return,
    s.order_id || '-' || s.order_line::varchar as sale_id
from signed s

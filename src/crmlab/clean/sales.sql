-- Sales lines, judged. Pieces that come back (is_return, or a negative quantity where nothing says so) have negative amounts.
with signed as (
    select
        s.*,
        coalesce(s.is_return, s.qty < 0, false) as returned,
        case when coalesce(s.is_return, s.qty < 0, false) and s.amount > 0 then -1 else 1 end as sign
    from typed s
)
select
    s._row, s._file, s._line,
    s.order_id, s.order_line, s.sold_at, s.customer_id, s.customer_name, s.product_id,
    case when s.returned then -abs(s.qty) else s.qty end as qty,
    (s.sign * s.amount)::bigint as amount,
    (s.sign * coalesce(s.cost, s.amount - s.margin))::bigint as cost,
    (s.sign * coalesce(s.margin, s.amount - s.cost))::bigint as margin,
    s.list_price, s.unit_price, s.promo, s.rate, s.channel, s.region, s.sales_rep_id, s.line_kind,
    s.returned as is_return,
    case
        when s.order_id is not null and s.order_line is not null then s.order_id || '-' || s.order_line::varchar
        else concat(s._file, ':', s._line::varchar)
    end as sale_id,
    s.sold_at as dated_at,
    s.unreadable,
    coalesce(
        s.fault,
        case
            when s.amount < 0 and not s.returned and coalesce(s.line_kind, '') <> 'other'
                then 'amount: negative, but the line is no return'
        end
    ) as reason
from signed s

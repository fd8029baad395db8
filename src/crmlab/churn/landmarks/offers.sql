-- The latest price that was offered for the next term, as known on the landmark. contracts.offered_amount has no date, so the table of
-- quotes decides: a quote of the customer made by the landmark, in the last $offer_days days of the term or after it, and priced
-- like the term for one, two or three years (85 to 140 % of its yearly price a year).
with priced as (
  select
    o.contract_id, o.landmark, q.quoted_at::date as quoted_at, q.quote_id,
    q.amount::double / s.yearly_amount as ratio
  from occasions o
  join terms s on s.contract_id = o.contract_id
  join quotes q on q.customer_id = o.customer_id
  where q.quoted_at::date <= o.landmark
    and q.quoted_at::date > s.end_at::date - ($offer_days)::int
    and q.quoted_at::date > s.known_at::date
    and s.yearly_amount > 0
    and q.amount > 0
),
yearly as (
  select
    contract_id, landmark, quoted_at, quote_id,
    case
      when ratio between 0.85 and 1.4 then ratio
      when ratio between 1.7 and 2.8 then ratio / 2
      when ratio > 2.8 and ratio <= 4.2 then ratio / 3
    end as change
  from priced
)
select
  contract_id, landmark, change::double as offered_change, date_diff('day', quoted_at, landmark)::bigint as offered_days
from yearly
where change is not null
qualify row_number() over (partition by contract_id, landmark order by quoted_at desc, quote_id desc) = 1

-- Texts of the $months months up to $last: one row per kind, how many, and how many of each topic.
with said as (
  select 'tickets' as source, topic, false as about_function, false as about_price, false as about_manner, false as about_used_to, false as about_next
  from asked
  where words is not null and without_fault and month > ($last)::int - ($months)::int
  union all
  select source, null::varchar as topic, about_function, about_price, about_manner, about_used_to, about_next
  from remarked
  where month > ($last)::int - ($months)::int
)
select
  source,
  count(*)::bigint as texts,
  (count(*) filter (where topic = 'billing'))::bigint as billing,
  (count(*) filter (where topic = 'legacy'))::bigint as legacy,
  (count(*) filter (where topic = 'roadmap'))::bigint as roadmap,
  (count(*) filter (where topic = 'howto'))::bigint as howto,
  (count(*) filter (where about_function))::bigint as function,
  (count(*) filter (where about_price))::bigint as price,
  (count(*) filter (where about_manner))::bigint as manner,
  (count(*) filter (where about_used_to))::bigint as used_to,
  (count(*) filter (where about_next))::bigint as next,
  (count(*) filter (where topic is null and not (about_function or about_price or about_manner or about_used_to or about_next)))::bigint as unrecognised
from said
group by source
order by source

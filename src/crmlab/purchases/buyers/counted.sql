-- The counted sufficient statistic: how many customers share one history. All that a customer-base model is fitted to.
select frequency, recency, "T", count(*)::bigint as customers
from rfm
where "T" > 0
group by frequency, recency, "T"
order by frequency, recency, "T"

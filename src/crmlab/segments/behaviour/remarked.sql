-- What customers say in their own words up to the month $last: comments of surveys, each once however many items repeat it, and texts of
-- complaints, with every topic that the words fit.
with remark as (
  select distinct
    'surveys' as source, customer_id, answered_at::date as day,
    coalesce(survey_id, '') as survey_id,
    lower(comment) as words
  from surveys
  union all
  select 'complaints' as source, customer_id, received_at::date as day, complaint_id as survey_id, lower("text") as words
  from complaints
),
said as (
  select distinct words from remark where words is not null and regexp_matches(words, '[^\s　]')
),
topic as (
  select
    words,
    regexp_matches(words, $function) as about_function,
    regexp_matches(words, $price) as about_price,
    regexp_matches(words, $manner) as about_manner,
    regexp_matches(words, $used_to) as about_used_to,
    regexp_matches(words, $next) as about_next
  from said
)
select
  r.source, r.customer_id, (year(r.day) * 12 + month(r.day))::bigint as month,
  t.about_function, t.about_price, t.about_manner, t.about_used_to, t.about_next
from remark r
join topic t on t.words = r.words
where r.customer_id is not null and year(r.day) * 12 + month(r.day) <= ($last)::int

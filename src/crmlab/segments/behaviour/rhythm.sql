-- Days between one day of purchase and the next, and their squares: known with the later day, forgotten when the earlier one has left
-- twice the window.
with visit as (
  select distinct customer_id, day, month from lines
),
gap as (
  select
    customer_id,
    month as enters,
    lag(month) over (partition by customer_id order by day) + 2 * ($months)::int as leaves,
    date_diff('day', lag(day) over (partition by customer_id order by day), day) as days
  from visit
)
select customer_id, 'gaps' as what, enters, leaves, days as amount, 1 as times from gap where days is not null
union all
select customer_id, 'gap_squares' as what, enters, leaves, days * days as amount, 1 as times from gap where days is not null

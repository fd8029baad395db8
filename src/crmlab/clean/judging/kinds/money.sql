-- An amount in the smallest unit: 1706.02, ¥1,706.02, 1,706.02元, RMB -12, 12-, +12, .5, (12.00); at most 15 digits, kept exactly, and a
-- third decimal is rounded.
case
    when regexp_matches({x}, '^[-+]?[0-9]{1,12}([.][0-9]{1,2})?\z')
        then (try_cast({x} as decimal(14, 2)) * 100)::bigint
    when regexp_matches({x}, '^[-+]?([0-9]{1,15}([.][0-9]+)?|[.][0-9]+)\z')
        then (try_cast({x} as decimal(17, 2))::decimal(20, 2) * 100)::bigint
    when not regexp_matches({x}, '[-+].*[-+]') and regexp_matches(
        upper({x}),
        '^([-+]?[ ]?({mark})?[ ]?-?(([0-9]{1,3}(,[0-9]{3}){1,4}|[0-9]{1,15})([.][0-9]+)?|[.][0-9]+)[ ]?-?({mark})?|[(][ ]?({mark})?[ ]?(([0-9]{1,3}(,[0-9]{3}){1,4}|[0-9]{1,15})([.][0-9]+)?|[.][0-9]+)[ ]?({mark})?[)])\z'
    )
        then (case when regexp_matches({x}, '[-(]') then -1 else 1 end)
            * (try_cast(regexp_replace({x}, '[^0-9.]', '', 'g') as decimal(17, 2))::decimal(20, 2) * 100)::bigint
end

-- A whole number: 12, 1,200, 3.0.
case
    when regexp_matches({x}, '^-?[0-9]{1,15}\z')
        then try_cast({x} as bigint)
    when regexp_matches({x}, '^-?([0-9]{1,15}|[0-9]{1,3}(,[0-9]{3}){1,4})([.]0+)?\z')
        then try_cast(replace(split_part({x}, '.', 1), ',', '') as bigint)
end

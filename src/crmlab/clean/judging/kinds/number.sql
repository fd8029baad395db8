-- A number: 12, -0.5, .5, 1,706.02, 1.5e3; 15% is 0.15.
case
    when regexp_matches({x}, '^[-+]?([0-9]{1,15}([.][0-9]+)?|[.][0-9]+)([eE][-+]?[0-9]{1,2})?\z')
        then try_cast({x} as double)
    when regexp_matches({x}, '^-?[0-9]{1,3}(,[0-9]{3})+([.][0-9]+)?\z')
        then try_cast(replace({x}, ',', '') as double)
    when regexp_matches({x}, '^-?[0-9]{1,15}([.][0-9]+)?%\z')
        then try_cast(replace({x}, '%', '') as double) / 100
end

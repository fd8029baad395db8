-- A service level: 5×9, 7x24x8 and 7 * 24 * 4 as 5*9, 7*24*8 and 7*24*4; other words as they are.
case
    when regexp_matches({x}, '^[0-9]+([*][0-9]+)*([ ]?[×xX]|[ ][*]|[*][ ])')
        then replace(translate({x}, '×xX', '***'), ' ', '')
    else {x}
end

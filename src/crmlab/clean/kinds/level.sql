-- A service level: 5×9 and 7x24x8 as 5*9 and 7*24*8, other words as they are.
case
    when regexp_matches({x}, '^[0-9]+[ ]?[×xX*]')
        then replace(translate({x}, '×xX', '***'), ' ', '')
    else {x}
end

-- A day or a moment: 2009-01-08, 2009-01-08 09:05:07, 2009.1.8, 2009/1/8 9:05, 2009年1月8日, 20090108; years 1900 to 2099. And day
-- numbers of spreadsheets, 39821 or 39821.378472, from 1950 on: days since 1899-12-30, the fraction rounded to seconds in whole numbers.
case
    when regexp_matches({x}, '^(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}([ T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?)?\z')
        then try_cast({x} as timestamp)
    when regexp_matches(
        {x},
        '^(19|20)[0-9]{2}(-[0-9]{1,2}-[0-9]{1,2}|[.][0-9]{1,2}[.][0-9]{1,2}|/[0-9]{1,2}/[0-9]{1,2}|年[0-9]{1,2}月[0-9]{1,2}日)([ T]?([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?)?\z'
    )
        then try_cast(translate(regexp_replace(replace(replace({x}, '日 ', '日'), '日T', '日'), '日\z', '', 'g'), './年月日T', '----  ') as timestamp)
    when regexp_matches({x}, '^(19|20)[0-9]{6}\z')
        then try_cast(concat(left({x}, 4), '-', right(left({x}, 6), 2), '-', right({x}, 2)) as timestamp)
    when regexp_matches({x}, '^(1[89]|[2-7][0-9])[0-9]{3}([.][0-9]{1,15})?\z') and try_cast(left({x}, 5) as integer) between 18264 and 73050
        then (date '1899-12-30' + try_cast(left({x}, 5) as integer))::timestamp
            + interval 1 second * ((try_cast(left(rpad(split_part({x}, '.', 2), 13, '0'), 13) as bigint) * 86400 + 5000000000000) // 10000000000000)
end

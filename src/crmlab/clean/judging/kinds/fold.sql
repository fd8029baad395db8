-- A cell as people mean it: outer spaces and NULs gone, full-width letters, digits and signs as ASCII, empty as null.
-- The last three of `translate` are the wide space, the no-break space and the minus sign.
case
    when regexp_matches({x}, '[！-～　−\x{A0}\x00]|^[ \t\r\n]|[ \t\r\n]\z')
        then nullif(
            regexp_replace(
                translate(
                    regexp_replace({x}, '\x00', '', 'g'),
                    '！＂＃＄％＆＇（）＊＋，－．／０１２３４５６７８９：；＜＝＞？＠ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ［＼］＾＿｀ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ｛｜｝～　 −',
                    '!"#$%&''()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\]^_`abcdefghijklmnopqrstuvwxyz{|}~  -'
                ),
                '^[ \t\r\n]+|[ \t\r\n]+\z', '', 'g'
            ),
            ''
        )
    else nullif({x}, '')
end

-- Free text without e-mail addresses, identity card numbers and phone numbers.
case
    when regexp_matches({x}, '[@＠]|[0-9０-９][-0-9０-９ ()（）]{5}')
        then regexp_replace(
            regexp_replace(
                regexp_replace({x}, '[A-Za-z0-9._%+-]+[@＠][A-Za-z0-9.-]+[.][A-Za-z]{2,}', '[email]', 'g'),
                '[1-9１-９][0-9０-９]{16}[0-9０-９XxＸｘ]', '[id]', 'g'
            ),
            '[+][0-9]{1,3}[- ]?[0-9][-0-9 ]{6,13}[0-9]|[1１][3-9３-９][0-9０-９][- ]?[0-9０-９]{4}[- ]?[0-9０-９]{4}|[(（]?[0０][1-9１-９][0-9０-９]{1,2}[)）]?[- ]?[1-9１-９][0-9０-９]{2,3}[- ]?[0-9０-９]{4}|[48]00[- ]?[0-9]{3}[- ]?[0-9]{4}',
            '[phone]', 'g'
        )
    else {x}
end

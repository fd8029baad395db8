-- Free text: outer spaces and NULs gone, empty as null; the words stay as written.
case
    when regexp_matches({x}, '^[ 　\t\r\n\x{A0}]|[ 　\t\r\n\x{A0}]\z|\x00')
        then nullif(regexp_replace(regexp_replace({x}, '\x00', '', 'g'), '^[ 　\t\r\n\x{A0}]+|[ 　\t\r\n\x{A0}]+\z', '', 'g'), '')
    else nullif({x}, '')
end
